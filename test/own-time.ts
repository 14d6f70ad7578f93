/** A machine that is so late with a timer keeps this process waiting. */
const PART_MS = 5

let ownMs = 0
let watching = 0
let timer: NodeJS.Timeout | undefined
let countedAt = 0
let countedCpu = 0

/** How long this process has worked, in all its threads. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function begin() {
  countedAt = performance.now()
  countedCpu = cpuMs()
}

function count() {
  ownMs += Math.min(performance.now() - countedAt, Math.max(PART_MS, cpuMs() - countedCpu))
  begin()
}

/**
 * How long something takes until it has ended, well or not, in milliseconds that this process had: on a busy machine every
 * timer is late, those of what is tested, too, and of such a time only 5 ms count, or what this process worked in it.
 */
export async function ownTime(what: Promise<unknown>): Promise<number> {
  if (watching++ === 0) {
    begin()
    timer = setInterval(count, PART_MS)
  } else count()
  const from = ownMs
  await what.catch(() => {})
  count()
  if (--watching === 0) clearInterval(timer)
  return ownMs - from
}
