import type { Config } from '../settings/settings.ts'

/** What there may be so much of at once, and how much there is. */
export type Bound = {
  readonly most: number
  now: number
  /** how often something more was refused, or done without */
  met: number
}

/** What the front holds of others, and may at most; written by whoever holds it, read by metrics and status. */
export type Bounds = {
  /** requests under way to the backend, of the front and of pages */
  readonly requests: Bound
  /** bytes of request bodies that are kept until an answer begins */
  readonly bodies: Bound
}

export const createBounds = (config: Pick<Config, 'MAX_BACKEND_REQUESTS' | 'BODY_MEMORY'>): Bounds => ({
  requests: { most: config.MAX_BACKEND_REQUESTS, now: 0, met: 0 },
  bodies: { most: config.BODY_MEMORY, now: 0, met: 0 },
})
