export type Headers = readonly (readonly [name: string, value: string])[]

/** `incomplete`: more bytes could still make it whole. */
type Flaw = 'bad' | 'incomplete'

type Head = { readonly line: string; readonly headers: Headers; readonly end: number }

const NAME = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/
const TEXT = /^[\t\x20-\x7e\x80-\xff]*$/
const CHUNK = /^([\da-f]+)(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/i

/** A head from `from` on, by RFC 9112 and nothing else: no folded lines, no bare CR or LF. Text is latin1. */
export function readHead(text: string, from: number): Head | Flaw {
  const headEnd = text.indexOf('\r\n\r\n', from)
  if (headEnd === -1) return 'incomplete'
  const [line = '', ...lines] = text.slice(from, headEnd).split('\r\n')
  const headers = lines.map(readField)
  const fine = headers.filter(each => each !== undefined)
  if (!TEXT.test(line) || fine.length < headers.length) return 'bad'
  return { line, headers: fine, end: headEnd + 4 }
}

function readField(line: string): readonly [string, string] | undefined {
  const colon = line.indexOf(':')
  const name = line.slice(0, Math.max(colon, 0))
  const value = line.slice(colon + 1)
  return NAME.test(name) && TEXT.test(value) ? [name, value.replace(/^[ \t]+|[ \t]+$/g, '')] : undefined
}

/** RFC 9110 §6.5.1: never in a trailer. */
const FRAMING = /^(content-length|transfer-encoding):/i

/** A body and where it ends; `end` is absent while it is not whole. */
export type Body = { readonly body: string; readonly end?: number }

/** A chunked body as far as it is there, without its trailers. */
export function readChunks(text: string, from: number): Body | 'bad' {
  let body = ''
  for (let at = from; ; ) {
    const lineEnd = text.indexOf('\r\n', at)
    if (lineEnd === -1) return { body }
    const [, digits] = CHUNK.exec(text.slice(at, lineEnd)) ?? []
    if (digits === undefined) return 'bad'
    const size = Number.parseInt(digits, 16)
    if (size === 0) return readTrailers(text, lineEnd, body)
    const dataEnd = lineEnd + 2 + size
    body += text.slice(lineEnd + 2, dataEnd)
    if (text.length < dataEnd + 2) return { body }
    if (text.slice(dataEnd, dataEnd + 2) !== '\r\n') return 'bad'
    at = dataEnd + 2
  }
}

/** From the end of the last chunk's line on. */
function readTrailers(text: string, from: number, body: string): Body | 'bad' {
  const end = text.indexOf('\r\n\r\n', from)
  if (end === -1) return { body }
  const lines = text.slice(from + 2, end).split('\r\n')
  const fine = end === from || lines.every(line => readField(line) !== undefined && !FRAMING.test(line))
  return fine ? { body, end: end + 4 } : 'bad'
}

/** Every value of a header, in order. */
export const valuesOf = (headers: Headers, name: string): string[] =>
  headers.filter(each => each[0].toLowerCase() === name).map(each => each[1])

/** The members of a comma-separated header in all of its lines, in lower case. */
export const membersOf = (headers: Headers, name: string): string[] =>
  valuesOf(headers, name)
    .join(',')
    .toLowerCase()
    .split(',')
    .map(each => each.trim())
    .filter(each => each !== '')

/** How a body ends, as its head says. */
export type Framing = { readonly chunked: true } | { readonly length: number } | 'none' | 'bad'

/** RFC 9112 §6.3 without its leniences: one Transfer-Encoding that is `chunked`, or one Content-Length, never both. */
export function framingOf(headers: Headers): Framing {
  const codings = valuesOf(headers, 'transfer-encoding')
  const lengths = valuesOf(headers, 'content-length')
  if (codings.length === 0 && lengths.length === 0) return 'none'
  if (codings.length + lengths.length > 1) return 'bad'
  const [coding, length = ''] = [codings[0], lengths[0]]
  if (coding !== undefined) return coding.toLowerCase() === 'chunked' ? { chunked: true } : 'bad'
  return /^\d+$/.test(length) && Number.isSafeInteger(Number(length)) ? { length: Number(length) } : 'bad'
}
