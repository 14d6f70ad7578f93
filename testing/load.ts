import http from 'node:http'
import { LOGIN_PATH, logInByRequest } from './login.ts'
import { openLoop } from './open-loop.ts'
import { shakeHands } from './sockets.ts'

export type Load = {
  /** so far: those that worked, and the others by what came in its place */
  ok: number
  failed: Record<string, number>
  /** milliseconds, of those that worked */
  longestMs: number
  /** resolves at a moment when nothing is in flight */
  quiet(): Promise<void>
  /** begins nothing for now; resolves when nothing is in flight, to what lets it go on */
  hold(): Promise<() => void>
  /** ends the load; resolves when the last login is answered */
  stop(): Promise<void>
}

/** Logs in at a steady rate, whether or not earlier logins have been answered (open loop). */
export function startLoad(
  url: string,
  account: { name: string; password: string },
  perSecond: number,
  path = LOGIN_PATH,
): Load {
  const agent = new http.Agent({ keepAlive: true })
  const logIn = async () => {
    const { isLoggedIn, answer, error = '', ms } = await logInByRequest(url, agent, { path, fields: account })
    return { isGood: isLoggedIn, what: answer?.status ?? error, ms }
  }
  return counted(perSecond, logIn, () => agent.destroy())
}

/** Opens WebSockets at a steady rate, and closes each once it is open. */
export function startSocketLoad(url: string, perSecond: number): Load {
  const port = Number(new URL(url).port)
  return counted(perSecond, async () => {
    const startedAt = performance.now()
    const what = await openSocket(port)
    return { isGood: what === 'open', what, ms: performance.now() - startedAt }
  })
}

function openSocket(port: number): Promise<string | number> {
  return new Promise(resolve => {
    const { request, isAnswer } = shakeHands(port)
    request.once('upgrade', (answer, socket) => {
      socket.on('error', () => {}).destroy()
      resolve(isAnswer(answer) ? 'open' : 'a wrong answer')
    })
    request.once('response', answer => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    request.on('error', error => resolve(error.message))
  })
}

type Sent = { readonly isGood: boolean; readonly what: string | number; readonly ms: number }

function counted(perSecond: number, send: () => Promise<Sent>, end = () => {}): Load {
  const loop = openLoop(perSecond, async () => {
    const { isGood, what, ms } = await send()
    if (isGood) {
      load.ok++
      load.longestMs = Math.max(load.longestMs, ms)
    } else load.failed[what] = (load.failed[what] ?? 0) + 1
  })
  const load: Load = {
    ok: 0,
    failed: {},
    longestMs: 0,
    quiet: loop.quiet,
    hold: loop.hold,
    async stop() {
      await loop.stop()
      end()
    },
  }
  return load
}

/** How many failed, whatever the reason. */
export const failures = (load: Load) => Object.values(load.failed).reduce((sum, each) => sum + each, 0)
