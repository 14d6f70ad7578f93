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

/** @returns undefined where it is no text: what holds an account's name in there is not found */
export function decode(bytes: Buffer, type: string, isText: boolean): string | undefined {
  const charset = charsetOf(type)
  // Jackson finds out by itself that it is UTF-16 or UTF-32: with a byte order mark, or by the zeros beside the first character
  const [first = 1, second = 1] = bytes
  if (
    first === 0 ||
    second === 0 ||
    (first === 0xfe && second === 0xff) ||
    (first === 0xff && second === 0xfe)
  ) {
    if (isText || bytes.includes('{') || bytes.includes('<')) throw refused('UTF-16')
    return undefined
  }
  if (!/^utf-?8$/i.test(charset) && bytes.some(byte => byte > 0x7f)) throw refused(`${charset} beyond ASCII`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    if (isText) throw refused('no UTF-8')
    return undefined
  }
}
