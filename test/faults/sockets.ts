import { randomUUID } from 'node:crypto'
import { openLoop } from '../../testing/open-loop.ts'
import { shakeHands } from '../../testing/sockets.ts'
import { type Client, type Login, MIXED_UP, PATIENCE_MS, readOutcome, untilDone } from './client.ts'

/**
 * Opens WebSockets at a steady rate, as `startClient` logs in. One is answered with 200 where the handshake was, and the first bytes of the
 * tunnel are its own id; it is closed then.
 */
export function startSockets(port: () => number, perSecond: number): Client {
  const logins: Login[] = []
  const { quiet, stop } = openLoop(perSecond, dueAt => {
    const login: Login = { id: randomUUID(), dueAt, doneAt: 0, outcome: 'pending' }
    logins.push(login)
    return open(login, port())
  })
  return { logins, quiet, stop }
}

function open(login: Login, port: number): Promise<void> {
  return untilDone(login, PATIENCE_MS, done => {
    const { request, isAnswer } = shakeHands(port, { 'X-Login-Id': login.id })
    request.on('error', () => {})
    request.once('response', answer =>
      readOutcome(login, answer, outcome => {
        done(outcome)
        request.destroy()
      }),
    )
    request.once('upgrade', (answer, socket, head) => {
      let text = String(head)
      const look = () => {
        if (text.length < login.id.length) return
        const isRight = isAnswer(answer) && text === login.id
        done(isRight ? 200 : MIXED_UP)
        socket.destroy()
      }
      socket.on('data', chunk => {
        text += chunk
        look()
      })
      socket.on('error', () => {}).once('close', () => done('cut off'))
      look()
    })
    return request
  })
}
