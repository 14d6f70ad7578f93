// @ts-check

import { make } from './dom.js'

/** @type {Readonly<Record<string, string>>} the runbook's section for an error code, a status, or a kind of event */
const SECTIONS = {
  BACKEND_UNREACHABLE: 'no-address-can-be-reached',
  BACKEND_BROKE_OFF: 'the-backend-cuts-connections-or-answers',
  BACKEND_BAD_ANSWER: 'the-backend-cuts-connections-or-answers',
  BACKEND_UNKNOWN: 'logins-are-503-since-the-start',
  BACKEND_TIMEOUT: 'logins-are-504',
  BACKEND_FULL: 'too-many-requests-wait-for-the-api',
  TOO_MANY: 'logins-are-429',
  BODY_TOO_LARGE: 'logins-are-413-431-or-408',
  CLIENT_TIMEOUT: 'logins-are-413-431-or-408',
  misrouted: 'every-login-gets-404',
  failed: 'the-backend-itself-says-5xx',
  slow: 'logins-are-slow',
  stale: 'dns-is-stale',
  dial: 'one-address-is-dead',
}

/**
 * A link to what the runbook says of it, with white space before it; nothing where it has no section.
 * @param {(string | undefined)[]} keys the first that has one counts
 * @returns {(string | Node)[]}
 */
export function runbookLink(...keys) {
  const section = keys.map(each => (each === undefined ? undefined : SECTIONS[each])).find(Boolean)
  if (section === undefined) return []
  const link = make('a', 'runbook', { en: 'Runbook', ja: 'ランブック' })
  link.setAttribute('href', `runbook#${section}`)
  return [' ', link]
}
