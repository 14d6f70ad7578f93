/** A machine that is so late with a timer keeps this process waiting. */
const PART_MS = 5

let ownMs = 0
let watching = 0
let timer: NodeJS.Timeout | undefined
let countedAt = 0

function count() {
  const now = performance.now()
  ownMs += Math.min(now - countedAt, PART_MS)
  countedAt = now
}

/**
 * How long something takes until it has ended, well or not, in milliseconds that this process had: on a busy machine every
 * timer is late, those of what is tested, too, and of such a time only 5 ms count.
 */
export async function ownTime(what: Promise<unknown>): Promise<number> {
  if (watching++ === 0) {
    countedAt = performance.now()
    timer = setInterval(count, PART_MS)
  } else count()
  const from = ownMs
  await what.catch(() => {})
  count()
  if (--watching === 0) clearInterval(timer)
  return ownMs - from
}
