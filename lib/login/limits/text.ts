import { GatewayError } from '../../http/errors.ts'

/** Texts in them are ASCII where they have no byte above 0x7f; in others (UTF-16, UTF-7, ISO-2022-JP) a name could hide. */
const LIKE_ASCII = new Set([
  ...['utf-8', 'utf8', 'us-ascii', 'ascii', 'iso-8859-1', 'latin1', 'iso-8859-15', 'windows-1252'],
  ...['shift_jis', 'windows-31j', 'euc-jp'],
])

/** A body that is not let through, since readers may disagree on what it says. */
export const refused = (why: string) => new GatewayError('BAD_REQUEST', new Error(why))

/** @throws GatewayError BAD_REQUEST at a charset in which ASCII could be written in other bytes */
export function checkCharset(charset: string): void {
  if (!LIKE_ASCII.has(charset.toLowerCase())) throw refused(`charset ${charset}`)
}

/** The charset that a Content-Type names, UTF-8 by default. @throws as `checkCharset`, and where it names two */
export function charsetOf(type: string): string {
  const charsets = [...type.matchAll(/;\s*charset\*?\s*=\s*"?([^";\s]*)/gi)].map(([, name = '']) => name)
  const [charset = 'utf-8'] = charsets
  if (charsets.length > 1) throw refused(`charset ${charsets.join(', ')}`)
  checkCharset(charset)
  return charset
}

/**
 * The text of a body, with U+FFFD for each byte that is no UTF-8: the caller says what becomes of those.
 * @throws GatewayError BAD_REQUEST where a reader may take another charset for it
 */
export function decode(bytes: Buffer, type: string, isText: boolean): string {
  const charset = charsetOf(type)
  // Jackson finds out by itself that it is UTF-16 or UTF-32: with a byte order mark, or by the zeros beside the first character
  const [first = 1, second = 1] = bytes
  const isWide =
    first === 0 || second === 0 || (first === 0xfe && second === 0xff) || (first === 0xff && second === 0xfe)
  if (isWide && (isText || bytes.includes('{') || bytes.includes('<'))) throw refused('UTF-16')
  if (!/^utf-?8$/i.test(charset) && bytes.some(byte => byte > 0x7f)) throw refused(`${charset} beyond ASCII`)
  return new TextDecoder().decode(bytes)
}
