import type { Form } from './world.ts'

/** `npm run faults` */
export const FULL: Form = {
  loadMs: 6000,
  perSecond: 100,
  pagesPerSecond: 20,
  maxTtl: 1,
  withNext: true,
  runs: 3,
}

/** part of `npm test`; two refreshes at DNS_MAX_TTL have to fit in */
export const SHORT: Form = {
  loadMs: 2000,
  perSecond: 100,
  pagesPerSecond: 10,
  maxTtl: 0.3,
  withNext: false,
  runs: 2,
}
