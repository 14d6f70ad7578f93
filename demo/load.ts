import http from 'node:http'
import { shakeHands } from './sockets.ts'

export type Load = {
  /** so far: answered with 200, and everything else by what it was */
  ok: number
  failed: Record<string, number>
  /** milliseconds, of those answered with 200 */
  longestMs: number
  inFlight: number
  /** resolves at a moment when nothing is in flight */
  quiet(): Promise<void>
  /** begins nothing more; resolves when nothing is in flight, to what lets it go on */
  hold(): Promise<() => void>
  /** ends the load; resolves when the last login is answered */
  stop(): Promise<void>
}

/** Logs in at a steady rate, whether or not earlier logins have been answered (open loop). */
export function startLoad(
  url: string,
  account: { name: string; password: string },
  perSecond: number,
  path = '/user/login',
): Load {
  const agent = new http.Agent({ keepAlive: true })
  const body = JSON.stringify(account)
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }

  return openLoop(
    perSecond,
    done => {
      const request = http.request(new URL(path, url), { method: 'POST', agent, headers }, response => {
        response.resume()
        response.once('close', () => done(response.complete ? (response.statusCode ?? 0) : 'cut off'))
      })
      request.once('error', error => done(error.message))
      request.end(body)
    },
    () => agent.destroy(),
  )
}

/** Opens WebSockets at a steady rate, and closes each once it is open; that counts as 200. */
export function startSocketLoad(url: string, perSecond: number): Load {
  return openLoop(perSecond, done => {
    const { request, isAnswer } = shakeHands(Number(new URL(url).port))
    request.once('upgrade', (answer, socket) => {
      socket.on('error', () => {}).destroy()
      done(isAnswer(answer) ? 200 : 'a wrong answer')
    })
    request.once('response', answer => {
      answer.resume()
      done(answer.statusCode ?? 0)
    })
    request.on('error', error => done(error.message))
  })
}

/**
 * @param send begins one, and calls `done` once with its status or what went wrong; what it says later is not heard
 * @param end after the last one
 */
function openLoop(
  perSecond: number,
  send: (done: (what: number | string) => void) => void,
  end: () => void = () => {},
): Load {
  let whenQuiet: (() => void)[] = []
  let isHeld = false

  const load: Load = {
    ok: 0,
    failed: {},
    longestMs: 0,
    inFlight: 0,
    quiet: () => (load.inFlight === 0 ? Promise.resolve() : new Promise(resolve => whenQuiet.push(resolve))),
    async hold() {
      isHeld = true
      await load.quiet()
      return () => {
        isHeld = false
      }
    },
    async stop() {
      clearInterval(timer)
      await load.quiet()
      end()
    },
  }

  function begin() {
    if (isHeld) return
    const startedAt = performance.now()
    let isDone = false
    load.inFlight++
    send(what => {
      if (isDone) return
      isDone = true
      load.inFlight--
      if (what === 200) {
        load.ok++
        load.longestMs = Math.max(load.longestMs, performance.now() - startedAt)
      } else load.failed[what] = (load.failed[what] ?? 0) + 1
      if (load.inFlight > 0) return
      for (const resolve of whenQuiet) resolve()
      whenQuiet = []
    })
  }

  const timer = setInterval(begin, 1000 / perSecond)
  return load
}

/** How many failed, whatever the reason. */
export const failures = (load: Load) => Object.values(load.failed).reduce((sum, each) => sum + each, 0)
