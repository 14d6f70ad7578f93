import { addFormField, addJson, type Field, fieldAt } from './fields.ts'
import { parseJson } from './json.ts'
import { charsetOf, checkCharset, refused } from './text.ts'
import { addXml } from './xml.ts'

/** One boundary of characters that no reader cuts it at; PHP takes the first `boundary` that it finds, up to a comma. */
const TYPE =
  /^\s*multipart\/form-data\s*(?:;\s*charset=[\w-]+\s*)?;\s*boundary=(?:"([\w.+-]+)"|([\w.+-]+))\s*(?:;\s*charset=[\w-]+\s*)?$/i
const DISPOSITION =
  /^content-disposition:[ \t]*form-data;[ \t]*name=(?:"([^"\\]*)"|([\w.[\]-]+))(?:;[ \t]*filename\*?=(?:"[^"\\]*"|[^\s";\\]+))*[ \t]*$/i
/** Go decodes quoted-printable, busboy and Tomcat go by the charset. */
const OTHER_LINE = /^content-(?:type:.*|length:[ \t]*\d+|transfer-encoding:[ \t]*(?:7bit|8bit|binary))$/i

/**
 * Adds the fields of a form as browsers and HTTP clients write it, and refuses any other: readers differ in line ends, in what stands before
 * the first and behind the last boundary, in names with escapes (Tomcat decodes `=?utf-8?B?…`), and in codings of a part.
 * @throws GatewayError BAD_REQUEST
 */
export function addParts(top: Field, bytes: Buffer, type: string): void {
  const [, quoted, boundary = quoted] = TYPE.exec(type) ?? []
  if (boundary === undefined) throw refused('multipart without a plain boundary')
  charsetOf(type)
  const parts = bytes.toString('latin1').split(`--${boundary}`)
  if (parts.shift()?.trim() !== '' || !/^--\s*$/.test(parts.pop() ?? ''))
    throw refused('multipart without its begin or end')
  for (const part of parts) addPart(top, part)
}

function addPart(top: Field, part: string) {
  const end = part.indexOf('\r\n\r\n')
  if (end === -1 || !part.startsWith('\r\n') || !part.endsWith('\r\n')) throw refused('no valid multipart')
  const lines = part.slice(2, end).split('\r\n')
  const names = lines.flatMap(line => {
    const [all, quoted, bare = quoted ?? ''] = DISPOSITION.exec(line) ?? []
    return all === undefined ? [] : [utf8(bare)]
  })
  const [name = ''] = names
  if (names.length !== 1 || name.includes('=?') || lines.length !== 1 + lines.filter(isKnown).length)
    throw refused('a part with headers that readers differ in')
  const type = lines.filter(line => /^content-type:/i.test(line)).join()
  charsetOf(type)
  const value = utf8(part.slice(end + 4, -2))
  if (name.toLowerCase() === '_charset_') checkCharset(value.trim())
  if (/json/i.test(type)) addJson(fieldAt(top, name), parseJson(value))
  // not a file of Office (application/vnd.openxmlformats-…)
  else if (/[/+]xml\b/i.test(type)) addXml(fieldAt(top, name), value)
  // Spring reads a part by its own type
  else if (/[/+.-](yaml|cbor|smile|x-www-form-urlencoded)\b/i.test(type))
    throw refused(`a part of the type ${type}`)
  else addFormField(top, name, value)
}

const isKnown = (line: string) => OTHER_LINE.test(line)
const utf8 = (latin1: string) => Buffer.from(latin1, 'latin1').toString()
