/** ECONNREFUSED, ETIMEDOUT, ESERVFAIL, CERT_HAS_EXPIRED …; never a text, for the set of labels must stay small, and a text may say anything. */
export function errorCodeLabel(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^\w{1,64}$/.test(code) ? code : 'other'
}
