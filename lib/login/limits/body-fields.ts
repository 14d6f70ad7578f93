import { isUtf8 } from 'node:buffer'
import { addFormField, addJson, type Field } from './fields.ts'
import { parseJson } from './json.ts'
import { addParts } from './multipart.ts'
import { checkCharset, decode, refused } from './text.ts'
import { addXml } from './xml.ts'

/** Others have readers of their own: Spring's read YAML and CBOR where their libraries are there. */
const TYPE = /^(?:text\/plain|application\/octet-stream|[\w.+/-]*(?:json|xml|urlencoded)[\w.+-]*)?$/i

/**
 * Adds all fields of a login's body, whatever it is said to be: an API may read JSON without looking at the type.
 * @throws GatewayError BAD_REQUEST where readers disagree on what it says: it is not valid for its type, or has a key twice.
 *   Go's decoder and Jackson read `{"email":"v"} x`, JSON5 and Newtonsoft read comments, and of two equal keys some take the first
 */
export function addBody(top: Field, bytes: Buffer, type: string): void {
  if (bytes.length === 0) return
  // wherever it stands: formidable looks no closer
  if (/multipart/i.test(type)) {
    addParts(top, bytes, type)
    return
  }
  const [media = ''] = type.split(';')
  if (!TYPE.test(media.trim())) throw refused(`the type ${media}`)
  const isText = !/octet-stream/i.test(media)
  const text = decode(bytes, type, isText)
  const start = text.trimStart()
  const isJson = /json/i.test(media) || /^[{["/#)]/.test(start)
  const isXml = /xml/i.test(media) || start.startsWith('<')
  // Go reads U+FFFD for such a byte in JSON, whatever the type is. Octets that begin otherwise may be a passkey's CBOR
  const isSound = isUtf8(bytes)
  if (!isSound && (isText || isJson || isXml)) throw refused('no UTF-8')
  if (isJson) addJson(top, parseJson(start))
  else if (isXml) addXml(top, text)
  // Go's decoder passes over what stands before the first element; a password may have `</` or `/>`
  else if (isSound && hasElement(text)) throw refused('XML with text before it')
  if (!/json|xml/i.test(media)) addForm(top, text)
}

/** A tag, and what ends an element. */
const hasElement = (text: string) => /<[^\s<>/!?=][^<>]*>/.test(text) && /<\/|\/>/.test(text)

/** PHP reads no more of a form (max_input_vars); 32,000 in 64 KB take 47 ms. */
const MOST_FIELDS = 1000

/** Whether a query or a form has more fields, 1,000 as a rule: a page or an API that means something by them has fewer. */
export const hasTooMany = (text: string, most = MOST_FIELDS): boolean =>
  text.split(/[&;]+/, most + 2).filter(each => each !== '').length > most

/**
 * Adds the fields of a query or a form.
 * @throws GatewayError BAD_REQUEST at a charset of its own in which a name could hide, or more than 1,000 fields
 */
export function addForm(top: Field, text: string): void {
  if (hasTooMany(text)) throw refused('more than 1,000 fields')
  for (const [field, value] of formFields(text)) {
    if (field === '_charset_') checkCharset(value)
    addFormField(top, field, value)
  }
}

/** The fields of a query or a form, as any reader may find them: of equal names each, `;` separates for some, and ASP.NET decodes `%u0061`. */
export function* formFields(text: string): Generator<[name: string, value: string]> {
  const plain = text
    .replace(/%u00([0-7][\da-f])/gi, '%$1')
    .replace(/%u([\da-f]{4})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
  yield* new URLSearchParams(plain)
  if (plain.includes(';')) yield* new URLSearchParams(plain.replaceAll(';', '&'))
}

/** Of a URL, or of a request target. */
export const queryOf = (url = ''): string => /\?(.*)/s.exec(url)?.[1] ?? ''
