import http from 'node:http'

export type Load = {
  /** so far: answered with 200, and everything else by what it was */
  ok: number
  failed: Record<string, number>
  /** milliseconds, of those answered with 200 */
  longestMs: number
  inFlight: number
  /** resolves at a moment when nothing is in flight */
  quiet(): Promise<void>
  /** ends the load; resolves when the last login is answered */
  stop(): Promise<void>
}

/** Logs in at a steady rate, whether or not earlier logins have been answered (open loop). */
export function startLoad(url: string, account: { name: string; password: string }, perSecond: number): Load {
  const agent = new http.Agent({ keepAlive: true })
  const body = JSON.stringify(account)
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
  let whenQuiet: (() => void)[] = []

  const load: Load = {
    ok: 0,
    failed: {},
    longestMs: 0,
    inFlight: 0,
    quiet: () => (load.inFlight === 0 ? Promise.resolve() : new Promise(resolve => whenQuiet.push(resolve))),
    async stop() {
      clearInterval(timer)
      await load.quiet()
      agent.destroy()
    },
  }

  function done(what: number | string, startedAt: number) {
    load.inFlight--
    if (what === 200) {
      load.ok++
      load.longestMs = Math.max(load.longestMs, performance.now() - startedAt)
    } else load.failed[what] = (load.failed[what] ?? 0) + 1
    if (load.inFlight > 0) return
    for (const resolve of whenQuiet) resolve()
    whenQuiet = []
  }

  function login() {
    const startedAt = performance.now()
    load.inFlight++
    const request = http.request(
      new URL('/user/login', url),
      { method: 'POST', agent, headers },
      response => {
        response.resume()
        response.once('close', () =>
          done(response.complete ? (response.statusCode ?? 0) : 'cut off', startedAt),
        )
      },
    )
    request.once('error', error => done(error.message, startedAt))
    request.end(body)
  }

  const timer = setInterval(login, 1000 / perSecond)
  return load
}

/** How many logins failed, whatever the reason. */
export const failures = (load: Load) => Object.values(load.failed).reduce((sum, each) => sum + each, 0)
