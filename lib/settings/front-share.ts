import { UNITS } from './kinds.ts'
import { availableMemory } from './page-share.ts'

/** A request that waits for a silent backend over TLS holds so much, its connection included (measured: 138 KB). */
const REQUEST_BYTES = 160 * UNITS.kb
const LEAST_REQUESTS = 256
const MOST_REQUESTS = 8192
const LEAST_SHARE = 8 * UNITS.mb
const MOST_SHARE = 512 * UNITS.mb

const between = (least: number, value: number, most: number) => Math.min(Math.max(value, least), most)

/** How many requests may be under way to the backend without the setting: an eighth of the memory holds them. */
export const fittingRequests = (memory = availableMemory()): number =>
  between(LEAST_REQUESTS, Math.floor(memory / 8 / REQUEST_BYTES), MOST_REQUESTS)

/** Bytes of request bodies that may be held at once without the setting: a sixteenth of the memory. */
export const fittingBodies = (memory = availableMemory()): number =>
  between(LEAST_SHARE, Math.floor(memory / 16 / UNITS.mb) * UNITS.mb, MOST_SHARE)
