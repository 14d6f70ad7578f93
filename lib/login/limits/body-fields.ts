import { lookIntoParts } from './multipart.ts'
import { checkCharset, decode, refused } from './text.ts'
import { lookIntoXml } from './xml.ts'

/** Called with each value of a body, under the name of its field. */
export type Look = (value: unknown, field?: string) => void

/**
 * Looks at all fields of a login's body, whatever it is said to be: an API may read JSON without looking at the type.
 * @throws GatewayError BAD_REQUEST where readers disagree on what it says: it is not valid for its type, or has a key twice.
 *   Go's decoder and Jackson read `{"email":"v"} x`, JSON5 reads comments, and of two equal keys some take the first
 */
export function lookIntoFields(bytes: Buffer, type: string, look: Look): void {
  if (bytes.length === 0) return
  if (/^\s*multipart\//i.test(type)) {
    lookIntoParts(bytes, type, look)
    return
  }
  const isText = /^\s*($|;|text\/)|json|xml|urlencoded/i.test(type)
  const text = decode(bytes, type, isText)
  if (text === undefined) return
  const start = text.trimStart()
  if (/json/i.test(type) || /^[{[]/.test(start)) lookIntoJson(text, look)
  else if (/xml/i.test(type) || start.startsWith('<')) lookIntoXml(text, look)
  if (!/json|xml/i.test(type)) lookIntoForm(text, look)
}

/** PHP reads no more of a form (max_input_vars); 32,000 in 64 KB take 47 ms. */
const MOST_FIELDS = 1000

/**
 * A query or a form: of equal names each counts, `;` separates for some readers, and ASP.NET decodes `%u0061`.
 * @throws GatewayError BAD_REQUEST at a charset of its own in which a name could hide, or more than 1,000 fields
 */
export function lookIntoForm(text: string, look: Look): void {
  const plain = text
    .replace(/%u00([0-7][\da-f])/gi, '%$1')
    .replace(/%u([\da-f]{4})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
  if (plain.split(/[&;]+/, MOST_FIELDS + 2).filter(each => each !== '').length > MOST_FIELDS)
    throw refused('more than 1,000 fields')
  for (const each of plain.includes(';') ? [plain, plain.replaceAll(';', '&')] : [plain])
    for (const [field, value] of new URLSearchParams(each)) {
      if (field === '_charset_') checkCharset(value)
      look(value, field)
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
