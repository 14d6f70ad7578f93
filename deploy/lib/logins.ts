/** How logins end, as METRICS=emf names it (RESULTS of the front); agreement-alarms.test.ts holds the two together. */
export const LOGINS = {
  /** the API let somebody in */
  succeeded: ['LoginsOk'],
  /** it did not, and said so as a login API does: a wrong password */
  refused: ['LoginsRefused'],
  /** nobody was answered, or with 5xx */
  failed: ['LoginsFailed'],
  /** what answered is no login API: 404, 405, 415, 421; or one that says 404 of a user that it does not know */
  misrouted: ['LoginsMisrouted'],
  /** the client left before the answer */
  gone: ['LoginsGone'],
  /** the front's own limit; the API was not asked, so these are no tries */
  limited: ['LoginsLimited'],
} as const
