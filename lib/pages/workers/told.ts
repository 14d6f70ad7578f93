/**
 * What Next's server.js reads of its environment, and pages are not to see: it comes in variables of these names, and preload.ts
 * lays it over the app's own values until Next listens.
 */
export const TOLD = {
  HOSTNAME: 'GATEHOUSE_PAGE_HOSTNAME',
  KEEP_ALIVE_TIMEOUT: 'GATEHOUSE_PAGE_KEEP_ALIVE_TIMEOUT',
} as const
