/** A clock that was set forward, or a machine that slept, is followed from here on; less is how exactly both can be read. */
const SET_MS = 1000

let origin = performance.timeOrigin

/**
 * Milliseconds since 1970, for what is compared or counted by time: a clock that is set back must not stop it until it has caught up. After that these
 * times are ahead of the log's until the end of the process.
 */
export function now(): number {
  const behind = Date.now() - origin - performance.now()
  if (behind > SET_MS) origin += behind
  return origin + performance.now()
}
