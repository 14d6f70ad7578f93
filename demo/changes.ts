import type { Alb } from '../testing/alb.ts'
import type { Load } from '../testing/load.ts'

/** Something that happens to an ALB: does it, and says in a line what it was. */
export type Change = (alb: Alb, load: Pick<Load, 'quiet'>) => Promise<string>

/** Old nodes go on serving for a while after DNS has dropped them, as a real ALB drains. */
const DRAIN_MS = 8000

const short = (addresses: readonly string[]) => addresses.join(', ')

/** Later, and not in anybody's way: the process may end before. */
const after = (ms: number, work: () => unknown) => setTimeout(work, ms).unref()

const scaleOut: Change = async alb => `scales out: new nodes ${short(await alb.add(2))} are listed in DNS`

const scaleIn: Change = async alb => {
  const leaving = alb.listed.slice(0, -2)
  for (const address of leaving) alb.drain(address)
  after(DRAIN_MS, () => Promise.all(leaving.map(alb.stop)))
  return `scales in: ${short(leaving)} leave DNS, serve on for ${DRAIN_MS / 1000} s and are gone`
}

const replaceAll: Change = async alb => {
  const old = [...alb.listed]
  const fresh = await alb.add(2)
  for (const address of old) alb.drain(address)
  after(DRAIN_MS, () => Promise.all(old.map(alb.stop)))
  return `moves: ${short(fresh)} take over from ${short(old)}, which drain`
}

/**
 * Between two requests, so that the tally shows what an address change costs: whatever is in flight on a machine
 * that dies is lost behind any proxy, and gets a 502 that says so.
 */
const killAll: Change = async (alb, load) => {
  const old = [...alb.listed]
  const fresh = await alb.add(2)
  alb.list(fresh)
  await load.quiet()
  for (const address of old) alb.kill(address)
  return `loses all its old nodes at once: ${short(old)} are dead, ${short(fresh)} listed`
}

/** What the demo goes through, again and again. */
export const CHANGES: readonly Change[] = [scaleOut, killAll, replaceAll, scaleOut, scaleIn]
