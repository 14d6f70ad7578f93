import { type Body, framingOf, type Headers, membersOf, readChunks, readHead, valuesOf } from './message.ts'

/** A request as a strict reader sees it. */
export type Request = {
  readonly method: string
  /** in origin form */
  readonly target: string
  readonly headers: Headers
  readonly body: string
}

/**
 * What a client sent over one connection. `end`: clean, all of it is whole requests; closed, the last one asked for
 * the connection's end; bad or incomplete, what comes after them is, and nobody knows where the next one would begin.
 */
export type Sent = {
  readonly requests: readonly Request[]
  readonly end: 'clean' | 'closed' | 'bad' | 'incomplete'
  /** the head of one whose body is incomplete or bad */
  readonly unfinished?: Request
  /** where the whole requests end */
  readonly length: number
}

const EMPTY_LINES = /[\r\n]*/y

/**
 * Reads what a front has to take for requests. Stricter than Node wherever two readers could disagree; as lenient where
 * RFC 9112 says so and nothing can come of it: empty lines before a request (§2.2), more than one space in its line (§3).
 * Node takes RTSP/1.0 for HTTP/1.0 and does not tell; its framing is the same.
 */
export function readRequests(text: string, most = Number.POSITIVE_INFINITY): Sent {
  const requests: Request[] = []
  for (let at = 0; ; ) {
    const sent = { requests, length: at }
    if (requests.length === most) return { ...sent, end: 'clean' }
    // as many as there are: Node takes them, too (RFC 9112 §2.2)
    EMPTY_LINES.lastIndex = at
    const start = at + (EMPTY_LINES.exec(text)?.[0].length ?? 0)
    if (start >= text.length) return { ...sent, end: 'clean' }
    const head = readHead(text, start)
    if (typeof head === 'string') return { ...sent, end: head }
    const request = readLine(head.line, head.headers)
    if (!request) return { ...sent, end: 'bad' }
    const body = readBody(text, head.end, head.headers)
    if (body === 'bad') return { ...sent, end: 'bad', unfinished: request }
    if (body.end === undefined) return { ...sent, end: 'incomplete', unfinished: request }
    requests.push({ ...request, body: body.body })
    at = body.end
    if (endsConnection(head.line, head.headers)) return { requests, length: at, end: 'closed' }
  }
}

function readLine(line: string, headers: Headers): Request | undefined {
  const [, method = '', target = '', minor] = /^([^ ]+) +([^ ]+) +(?:HTTP|RTSP)\/1\.([01])$/.exec(line) ?? []
  const hosts = valuesOf(headers, 'host').length
  const hasHost = hosts === 1 || (hosts === 0 && minor === '0')
  const isFramed = framingOf(headers) !== 'bad' && (minor === '1' || !headers.some(isCoding))
  // what follows a CONNECT is a tunnel's
  if (minor === undefined || !/^[\w!#$%&'*+.^`|~-]+$/.test(method) || method === 'CONNECT') return undefined
  if (!hasHost || !isFramed) return undefined
  return { method, target: originForm(target), headers, body: '' }
}

const isCoding = ([name]: readonly [string, string]) => name.toLowerCase() === 'transfer-encoding'

const originForm = (target: string) => {
  const [, path] = /^https?:\/\/[^/?#]*(.*)$/i.exec(target) ?? []
  if (path === undefined) return target
  return path.startsWith('/') ? path : `/${path}`
}

function readBody(text: string, from: number, headers: Headers): Body | 'bad' {
  const framing = framingOf(headers)
  if (framing === 'bad') return 'bad'
  if (framing === 'none') return { body: '', end: from }
  if ('chunked' in framing) return readChunks(text, from)
  const end = from + framing.length
  const body = text.slice(from, end)
  return text.length < end ? { body } : { body, end }
}

/** RFC 9112 §9.3 */
function endsConnection(line: string, headers: Headers): boolean {
  const options = membersOf(headers, 'connection')
  if (options.includes('close')) return true
  return line.endsWith('0') && !options.includes('keep-alive')
}

/** A final answer as it was on the wire. */
export type Reply = {
  readonly status: number
  readonly headers: Headers
  readonly body: string
  /** it came to its end, and says so itself or by the end of the connection */
  readonly whole: boolean
  /** where it ends in the text that it was read from */
  readonly end: number
}

/**
 * The answers to requests of these methods, of whatever version they say they are, interim ones left out; the last may be in part. `rest` is what belongs to
 * none of them.
 * @param over the connection has ended
 * @param cut it ended by a reset
 */
export function readReplies(text: string, methods: readonly string[], over: boolean, cut = false) {
  const replies: Reply[] = []
  let at = 0
  for (;;) {
    at += /^[\r\n]*/.exec(text.slice(at, at + 1000))?.[0].length ?? 0
    const rest = text.slice(at)
    if (rest === '') return { replies, rest, bad: false }
    const head = readHead(text, at)
    if (head === 'bad' && /^HTTP\/1\.[01] 1(?!01)\d\d /.test(rest)) {
      // nobody gets to see the reason of an interim answer
      at = text.indexOf('\r\n\r\n', at) + 4
      continue
    }
    if (typeof head === 'string') {
      return { replies, rest, bad: head === 'bad' || !'HTTP/1.'.startsWith(rest.slice(0, 7)) }
    }
    const [, digits] = /^(?:HTTP|RTSP)\/\d\.\d ([1-9]\d\d)(?: .*)?$/.exec(head.line) ?? []
    if (digits === undefined) return { replies, rest, bad: true }
    const status = Number(digits)
    if (status < 200) {
      if (status === 101) return { replies, rest, bad: true }
      at = head.end
      continue
    }
    if (framingOf(head.headers) === 'bad') return { replies, rest, bad: true }
    const bare = methods[replies.length] === 'HEAD' || status === 204 || status === 304
    const body = bare ? { body: '', end: head.end } : readReplyBody(text, head.end, head.headers, over, cut)
    const { headers } = head
    if (body === 'bad') return { replies, rest, bad: true }
    at = body.end ?? text.length
    replies.push({ status, headers, body: body.body, whole: body.end !== undefined, end: at })
  }
}

function readReplyBody(
  text: string,
  from: number,
  headers: Headers,
  over: boolean,
  cut: boolean,
): Body | 'bad' {
  if (framingOf(headers) !== 'none') return readBody(text, from, headers)
  const body = text.slice(from)
  return over && !cut ? { body, end: text.length } : { body }
}
