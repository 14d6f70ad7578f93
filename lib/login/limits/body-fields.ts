import { GatewayError } from '../../http/errors.ts'

/** Called with each value of a body, under the name of its field. */
export type Look = (value: unknown, field?: string) => void

/** Texts in them are ASCII where they have no byte above 0x7f; in others (UTF-16, UTF-7) a name could hide. */
const LIKE_ASCII = new Set([
  ...['utf-8', 'utf8', 'us-ascii', 'ascii', 'iso-8859-1', 'latin1', 'iso-8859-15', 'windows-1252'],
  ...['shift_jis', 'windows-31j', 'euc-jp'],
])

const refused = (why: string) => new GatewayError('BAD_REQUEST', new Error(why))

/**
 * Looks at all fields of a login's body, whatever it is said to be: an API may read JSON without looking at the type.
 * @throws GatewayError BAD_REQUEST where readers disagree on what it says: it is not valid for its type, or has a key twice.
 *   Go's decoder and Jackson read `{"email":"v"} x`, JSON5 reads comments, and of two equal keys some take the first
 */
export async function lookIntoFields(bytes: Buffer<ArrayBuffer>, type: string, look: Look): Promise<void> {
  if (bytes.length === 0) return
  if (/^\s*multipart\//i.test(type)) return lookIntoParts(bytes, type, look)
  const isText = /^\s*($|;|text\/)|json|xml|urlencoded/i.test(type)
  const text = decode(bytes, type, isText)
  if (text === undefined) return
  const start = text.trimStart()
  if (/json/i.test(type) || /^[{[]/.test(start)) lookIntoJson(text, look)
  else if (/xml/i.test(type) || start.startsWith('<')) lookIntoXml(text, look)
  if (!/json/i.test(type)) lookIntoForm(text, look)
}

/** A query or a form: of equal names each counts, and `;` separates for some readers. */
export function lookIntoForm(text: string, look: Look): void {
  for (const each of text.includes(';') ? [text, text.replaceAll(';', '&')] : [text])
    for (const [field, value] of new URLSearchParams(each)) look(value, field)
}

/** @returns undefined where it is no text: what holds an account's name in there is not found */
function decode(bytes: Buffer, type: string, isText: boolean): string | undefined {
  const charsets = [...type.matchAll(/;\s*charset\s*=\s*"?([^";\s]*)/gi)].map(([, name = '']) => name)
  const [charset = 'utf-8'] = charsets
  if (charsets.length > 1 || !LIKE_ASCII.has(charset.toLowerCase()))
    throw refused(`charset ${charsets.join(', ')}`)
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

function lookIntoJson(text: string, look: Look) {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw refused('no valid JSON')
  }
  // in valid JSON a string before a colon is a key
  const written = [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon).length
  if (written !== countKeys(value)) throw refused('a key twice')
  look(value)
}

function countKeys(value: unknown): number {
  let count = 0
  const left = [value]
  while (left.length > 0) {
    const each = left.pop()
    if (typeof each !== 'object' || each === null) continue
    if (!Array.isArray(each)) count += Object.keys(each).length
    for (const below of Object.values(each)) left.push(below)
  }
  return count
}

/** Elements and attributes by their names. What a reader would have to resolve first (entities, CDATA, comments) is refused. */
function lookIntoXml(text: string, look: Look) {
  if (/<!|&/.test(text)) throw refused('XML with markup that hides text')
  for (const [, field, value] of text.matchAll(/<(?:[\w.-]+:)?([\w.-]+)[^<>]*>([^<>]*)/g)) look(value, field)
  for (const [, field, double, single] of text.matchAll(/[\s:]([\w.-]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g))
    look(double ?? single, field)
}

async function lookIntoParts(bytes: Buffer<ArrayBuffer>, type: string, look: Look) {
  const [, quoted, bare = quoted ?? ''] = /;\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;"]+))/i.exec(type) ?? []
  // readers take a body without its end for whole
  if (bare === '' || !bytes.includes(`--${bare}--`)) throw refused('multipart without its end')
  let form: FormData
  try {
    form = await new Response(bytes, { headers: { 'content-type': type } }).formData()
  } catch {
    throw refused('no valid multipart')
  }
  for (const [field, value] of form) look(typeof value === 'string' ? value : await value.text(), field)
}
