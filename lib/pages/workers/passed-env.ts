/**
 * What Next's server.js reads of its environment, and pages are not to see: it is passed in variables of these names, and preload.ts
 * lays it over the app's own values until Next listens.
 */
export const PASSED_ENV = {
  HOSTNAME: 'GATEHOUSE_PAGE_HOSTNAME',
  KEEP_ALIVE_TIMEOUT: 'GATEHOUSE_PAGE_KEEP_ALIVE_TIMEOUT',
} as const
