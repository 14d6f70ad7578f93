import { systemErrorCode } from '../http/errors.ts'

/** ECONNREFUSED, ETIMEDOUT, ESERVFAIL, CERT_HAS_EXPIRED …; never a text, for the set of labels must stay small, and a text may say anything. */
export function errorCodeLabel(error: unknown): string {
  const code = systemErrorCode(error) ?? ''
  return /^\w{1,64}$/.test(code) ? code : 'other'
}
