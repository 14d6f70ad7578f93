import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'

export type Memory = {
  /** Answers from memory what was sent before in the same coding; says whether it has. */
  answer(req: IncomingMessage, res: ServerResponse): boolean
  /** Keeps what is being sent from `file`, if it is small and whole. */
  keep(req: IncomingMessage, res: ServerResponse, file: Readable): void
}

type Kept = { readonly head: readonly string[]; readonly etag: string; readonly body: Buffer }

const MOST_BYTES = 1024 ** 2
const MOST_BYTES_IN_ALL = 32 * 1024 ** 2
/** No other spelling of the same name fills it a second time. */
const PLAIN = /^(\/[\w.~-]+)+$/
/** Of this one answer alone. */
const NOT_KEPT = new Set(['date', 'connection', 'keep-alive', 'x-request-id', 'strict-transport-security'])

/** Whole answers of files that do not change while this process runs; the first so many, for they are few. */
export function createMemory(): Memory {
  const answers = new Map<string, Kept>()
  const collecting = new Set<string>()
  /** of what is kept, and of what is being collected */
  let bytes = 0

  return {
    answer(req, res) {
      if (req.headers.range !== undefined) return false
      const kept = answers.get(keyOf(req))
      if (!kept) return false
      const { head, etag, body } = kept
      const same = req.headers['if-none-match'] === etag
      for (let i = 0; i + 1 < head.length; i += 2) {
        if (!same || head[i] !== 'content-length') res.setHeader(head[i] ?? '', head[i + 1] ?? '')
      }
      res.writeHead(same ? 304 : 200)
      res.end(same || req.method === 'HEAD' ? undefined : body)
      return true
    },
    keep(req, res, file) {
      const size = Number(res.getHeader('content-length'))
      const key = keyOf(req)
      const fits = size <= MOST_BYTES && bytes + size <= MOST_BYTES_IN_ALL
      const [path = ''] = key.split(' ')
      if (res.statusCode !== 200 || !fits || !PLAIN.test(path) || collecting.has(key)) return
      collecting.add(key)
      bytes += size
      const head = Object.entries(res.getHeaders()).flatMap(([name, value]) =>
        NOT_KEPT.has(name) ? [] : [name, String(value)],
      )
      const chunks: Buffer[] = []
      file.on('data', (chunk: Buffer) => chunks.push(chunk))
      file.once('end', () => {
        const body = Buffer.concat(chunks)
        if (body.length === size) answers.set(key, { head, etag: String(res.getHeader('etag')), body })
      })
      file.once('close', () => {
        collecting.delete(key)
        if (!answers.has(key)) bytes -= size
      })
    },
  }
}

/** Path and coding, as sirv goes by them. */
function keyOf({ url = '', headers }: IncomingMessage): string {
  const query = url.indexOf('?')
  const path = query === -1 ? url : url.slice(0, query)
  const coding = String(headers['accept-encoding'] ?? '')
  return `${path} ${/br/i.test(coding) ? 'br' : ''}${coding.includes('gzip') ? 'gzip' : ''}`
}
