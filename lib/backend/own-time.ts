/** Of a time, so many parts are counted one by one. */
const PARTS = 8

/**
 * Calls back when a time is over, as setTimeout does, but for the time that this process was late itself: busy, or without
 * CPU. A part that ends late counts as one, and what has come meanwhile is read before the call.
 * @returns ends it
 */
export function setOwnTimeout(ms: number, onOver: () => void): () => void {
  const part = ms / PARTS
  let leftMs = ms
  let countedAt = performance.now()
  let immediate: NodeJS.Immediate | undefined
  let timer = setTimeout(count, part)

  function count() {
    const now = performance.now()
    leftMs -= Math.min(now - countedAt, part)
    countedAt = now
    if (leftMs > 0) timer = setTimeout(count, Math.min(leftMs, part))
    else immediate = setImmediate(onOver)
  }

  return () => {
    clearTimeout(timer)
    clearImmediate(immediate)
  }
}
