import { now } from '../clock.ts'
import type { Config } from '../settings/settings.ts'

/** What there may be so much of at once, and how much there is. */
export type Bound = {
  most: number
  now: number
  /** how often something more was refused, or done without; by `noteExceeded` alone */
  exceeded: number
  /** when last, in milliseconds since 1970; -Infinity: never */
  exceededAt: number
}

/** What the front holds of others, and may at most; written by whoever holds it, read by metrics and status. */
export type Bounds = {
  /** connections of clients; beyond it they are closed at once, or get a 503 */
  readonly connections: Bound
  /** requests under way to the backend, of the front and of pages */
  readonly requests: Bound
  /** bytes of request bodies that are kept until an answer begins */
  readonly bodies: Bound
}

export const createBound = (most: number): Bound => ({
  most,
  now: 0,
  exceeded: 0,
  exceededAt: Number.NEGATIVE_INFINITY,
})

/** @param connections how many clients may have */
export const createBounds = (
  config: Pick<Config, 'MAX_BACKEND_REQUESTS' | 'BODY_MEMORY'>,
  connections: number,
): Bounds => ({
  connections: createBound(connections),
  requests: createBound(config.MAX_BACKEND_REQUESTS),
  bodies: createBound(config.BODY_MEMORY),
})

/** Notes that one more was refused, or done without. */
export function noteExceeded(bound: Bound): void {
  bound.exceeded++
  bound.exceededAt = now()
}
