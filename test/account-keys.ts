import { type ErrorCode, GatewayError } from '../lib/http/errors.ts'
import { accountKeys } from '../lib/login/limits/keys.ts'

export const JSON_TYPE = { 'content-type': 'application/json' }
export const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }
export const XML_TYPE = { 'content-type': 'text/xml' }
export const MULTIPART = { 'content-type': 'multipart/form-data; boundary=b' }

/** A part of a multipart form. */
export const part = (name: string, value: string) =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`

/** The keys of the accounts that a login with this body names. */
export const keys = async (
  body: string | Buffer,
  headers: Record<string, string> = JSON_TYPE,
  url = '/user/login',
) => (await accountKeys({ url, headers }, { kept: Buffer.from(body) })).keys

export const json = (value: unknown) => keys(JSON.stringify(value))

/** The key of the account taro. */
export const [TARO = ''] = await json({ name: 'taro' })

/** Whether an error is the front's, of this code. */
export const refusedWith = (code: ErrorCode) => (error: unknown) =>
  error instanceof GatewayError && error.code === code
