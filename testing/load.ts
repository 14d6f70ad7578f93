import http from 'node:http'
import { logInByRequest } from './login.ts'
import { openLoop } from './open-loop.ts'

export type Load = {
  /** so far: logins that worked, and the others by what came in place of 200 */
  ok: number
  failed: Record<string, number>
  /** milliseconds, of those that worked */
  longestMs: number
  /** resolves at a moment when nothing is in flight */
  quiet(): Promise<void>
  /** ends the load; resolves when the last login is answered */
  stop(): Promise<void>
}

/** Logs in at a steady rate, whether or not earlier logins have been answered (open loop). */
export function startLoad(url: string, account: { name: string; password: string }, perSecond: number): Load {
  const agent = new http.Agent({ keepAlive: true })
  const loop = openLoop(perSecond, async () => {
    const { isLoggedIn, answer, error = '', ms } = await logInByRequest(url, agent, { fields: account })
    const what = answer?.status ?? error
    if (isLoggedIn) {
      load.ok++
      load.longestMs = Math.max(load.longestMs, ms)
    } else load.failed[what] = (load.failed[what] ?? 0) + 1
  })
  const load: Load = {
    ok: 0,
    failed: {},
    longestMs: 0,
    quiet: loop.quiet,
    async stop() {
      await loop.stop()
      agent.destroy()
    },
  }
  return load
}

/** How many logins failed, whatever the reason. */
export const failures = (load: Load) => Object.values(load.failed).reduce((sum, each) => sum + each, 0)
