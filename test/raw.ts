import { once } from 'node:events'
import type http from 'node:http'
import net from 'node:net'
import { after, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { receive } from './received.ts'

type Headers = [name: string, value: string][]

/** One response as it was on the wire; the names of its headers as they came. */
export type RawAnswer = { status: number; reason: string; headers: Headers; body: string }

/** In place of a test's own context, for what lasts as long as the file. */
export const file = {
  after(done?: unknown) {
    after(() => (typeof done === 'function' ? done() : undefined))
  },
}

/** Nothing is waited for longer, so that a hanging connection shows as a failure. */
const PATIENCE_MS = 60_000

async function connect(port: number, host: string): Promise<net.Socket> {
  const socket = net.connect({ port, host, allowHalfOpen: true })
  await once(socket, 'connect')
  return socket
}

/** Opens a connection, for as long as the test runs. */
export async function wire(t: Pick<TestContext, 'after'>, port: number, host = '127.0.0.1') {
  const socket = await connect(port, host)
  t.after(() => void socket.destroy())
  return speak(socket)
}

/** Sends one request over a connection of its own, and hangs up once it is answered. */
export async function ask(
  port: number,
  text: string,
  toHead = false,
  host = '127.0.0.1',
): Promise<RawAnswer> {
  const socket = await connect(port, host)
  const client = speak(socket)
  client.send(text)
  return client.answer(toHead).finally(() => socket.destroy())
}

/** A client that sends what it is told to, byte for byte, and knows nothing of HTTP but how an answer ends. */
function speak(socket: net.Socket) {
  const input = receive(socket)

  async function waitFor<T>(look: () => T | undefined, what: string): Promise<T> {
    const found = await input.until(look, AbortSignal.timeout(PATIENCE_MS))
    if (found !== undefined) return found
    const when = input.over ? `closed before ${what}` : `no ${what} within ${PATIENCE_MS} ms`
    throw new Error(`${when}; received ${JSON.stringify(input.text.slice(0, 2000))}`)
  }

  return {
    /** Sends bytes; text as latin1. */
    send: (bytes: string | Buffer) => void socket.write(bytes, 'latin1'),
    /** The next whole answer, 1xx included; only its head with `toHead`, as for HEAD. Rejects when the connection closes before its end. */
    async answer(toHead = false): Promise<RawAnswer> {
      const { answer, length } = await waitFor(() => parse(input.text, toHead, input.over), 'a whole answer')
      input.take(length)
      return answer
    },
    /** Resolves as soon as `text` has come and belongs to no answer that was taken. */
    async until(text: string) {
      await waitFor(() => input.text.includes(text) || undefined, JSON.stringify(text))
    },
    /** Resolves to the bytes that no answer took, once the peer has ended or reset the connection. */
    async closed() {
      await waitFor(() => input.over || undefined, 'end of the connection')
      return input.text
    },
    /** Sends FIN and goes on reading. */
    halfClose: () => void socket.end(),
    /** Resets the connection. */
    abort: () => void socket.resetAndDestroy(),
  }
}

/** The answer at the start of `bytes` and its length, or undefined while it is not whole. */
function parse(bytes: string, toHead: boolean, over: boolean) {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const [statusLine = '', ...lines] = bytes.slice(0, headEnd).split('\r\n')
  const [, status = '', reason = ''] = /^HTTP\/1\.1 (\d{3}) (.*)$/s.exec(statusLine) ?? []
  if (status === '') throw new Error(`not a status line: ${JSON.stringify(statusLine)}`)
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
  const answer = { status: Number(status), reason, headers, body: '' }
  const rest = bytes.slice(headEnd + 4)
  const body = toHead || /^(1|204|304)/.test(status) ? { text: '', length: 0 } : parseBody(answer, rest, over)
  if (!body) return undefined
  answer.body = Buffer.from(body.text, 'latin1').toString()
  return { answer, length: headEnd + 4 + body.length }
}

function parseBody(answer: RawAnswer, rest: string, over: boolean) {
  const announced = header(answer, 'content-length')
  if (header(answer, 'transfer-encoding') === 'chunked') return parseChunks(rest)
  if (announced === undefined) return over ? { text: rest, length: rest.length } : undefined
  const length = Number(announced)
  return rest.length < length ? undefined : { text: rest.slice(0, length), length }
}

function parseChunks(rest: string) {
  const pieces: string[] = []
  let at = 0
  for (;;) {
    const lineEnd = rest.indexOf('\r\n', at)
    if (lineEnd === -1) return undefined
    const size = Number.parseInt(rest.slice(at, lineEnd), 16)
    const next = lineEnd + 2 + size + 2
    if (!(size >= 0)) throw new Error(`not a chunk: ${JSON.stringify(rest.slice(at, at + 40))}`)
    if (rest.length < next) return undefined
    pieces.push(rest.slice(lineEnd + 2, next - 2))
    at = next
    if (size === 0) return { text: pieces.join(''), length: at }
  }
}

/** The value of a header; of several lines all values, joined with ` | ` so that nobody takes them for one. */
export function header(message: { headers: Headers } | undefined, name: string): string | undefined {
  const values = message?.headers.filter(each => each[0].toLowerCase() === name.toLowerCase()) ?? []
  return values.length === 0 ? undefined : values.map(each => each[1]).join(' | ')
}

/** A request as text: `Host` is there unless `headers` has one, `Content-Length` where there is a body. */
export function request(line: string, headers: readonly string[] = [], body = ''): string {
  const host = headers.some(each => /^host:/i.test(each)) ? [] : ['Host: front.example']
  const length = body === '' ? [] : [`Content-Length: ${body.length}`]
  return `${[`${line} HTTP/1.1`, ...host, ...headers, ...length].join('\r\n')}\r\n\r\n${body}`
}

/** Stops this thread until a busy kernel, too, has passed on what was written over loopback: the next turn of the event loop finds all of it. */
export const untilDelivered = () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)

type Maybe<Found> = Found | false | undefined

/**
 * For what comes about without an event: looked at every 2 ms, as each turn of the loop would take a whole core.
 * @returns what `look` finds in the end
 */
export async function eventually<Found>(
  look: () => Maybe<Found> | Promise<Maybe<Found>>,
  { patienceMs = PATIENCE_MS, everyMs = 2 } = {},
): Promise<Found> {
  const signal = AbortSignal.timeout(patienceMs)
  for (;;) {
    const found = await look()
    if (found !== false && found !== undefined) return found
    signal.throwIfAborted()
    await sleep(everyMs)
  }
}

/** What a backend saw of one request. */
type Seen = {
  /** method, target and version */
  line: string
  headers: Headers
  body: string
  /** whether the body came to its end */
  whole: boolean
  /** the client's end of the connection */
  port: number | undefined
}

/** A backend that writes down what it sees. `answer` is called with each head; by default 200 after the body. */
export function recorder(answer?: http.RequestListener): { seen: Seen[]; handler: http.RequestListener } {
  const seen: Seen[] = []
  const handler: http.RequestListener = (req, res) => {
    const headers: Headers = []
    for (let i = 0; i + 1 < req.rawHeaders.length; i += 2) {
      headers.push([req.rawHeaders[i] ?? '', req.rawHeaders[i + 1] ?? ''])
    }
    const line = `${req.method} ${req.url} HTTP/${req.httpVersion}`
    const entry: Seen = { line, headers, body: '', whole: false, port: req.socket.remotePort }
    seen.push(entry)
    req.on('data', (chunk: Buffer) => {
      entry.body += chunk.toString('latin1')
    })
    req.on('end', () => {
      entry.whole = true
      if (!answer) res.end('answered')
    })
    answer?.(req, res)
  }
  return { seen, handler }
}
