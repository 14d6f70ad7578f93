import { BODIES_FULL } from '../http/errors.ts'

/** The sections of docs/runbook.md that the status page leads to, by what it tells. */
export const SECTIONS = {
  // an error's code
  BACKEND_UNREACHABLE: 'no-address-can-be-reached',
  BACKEND_BROKE_OFF: 'the-backend-cuts-connections-or-answers',
  BACKEND_BAD_ANSWER: 'the-backend-cuts-connections-or-answers',
  BACKEND_UNKNOWN: 'logins-are-503-since-the-start',
  BACKEND_TIMEOUT: 'logins-are-504',
  BACKEND_FULL: 'too-many-requests-wait-for-the-api',
  TOO_MANY: 'logins-are-429',
  CROSS_SITE: 'logins-are-403-cross_site',
  BODY_TOO_LARGE: 'logins-are-413-431-or-408',
  CLIENT_TIMEOUT: 'logins-are-413-431-or-408',
  CLIENT_STALLED: 'logins-are-413-431-or-408',
  INTERNAL: 'logins-fail',
  FULL: 'logins-are-413-431-or-408',
  // its cause
  [BODIES_FULL]: 'too-many-requests-wait-for-the-api',
  // what became of a login
  misrouted: 'every-login-gets-404',
  failed: 'the-backend-itself-says-5xx',
  refused: 'the-api-answers-4xx',
  slow: 'logins-are-slow',
  // a kind of event
  stale: 'dns-is-stale',
  dial: 'one-address-is-dead',
  full: 'logins-are-413-431-or-408',
  // what the headline alone tells
  certificate: 'the-certificate-is-refused',
  logins: 'logins-fail',
  pages: 'pages-are-503-and-logins-are-fine',
  restarts: 'page-workers-start-again-and-again',
  store: 'the-limit-store-cannot-be-reached',
} as const

export type Section = (typeof SECTIONS)[keyof typeof SECTIONS]

const byKey: Readonly<Record<string, Section>> = SECTIONS

/** The section of the first key that has one. */
export const sectionOf = (...keys: readonly (string | undefined)[]): Section | undefined =>
  keys.map(key => (key === undefined ? undefined : byKey[key])).find(section => section !== undefined)
