import type http from 'node:http'
import type { Headers } from './message.ts'

/** A request that the backend saw, were it only its head. */
export type Seen = {
  readonly serial: number
  readonly method: string
  readonly target: string
  readonly headers: Headers
  body: string
  /** its body came to its end */
  whole: boolean
}

export type Recorder = ReturnType<typeof createRecorder>

/** A backend that writes down what it sees. Its answer says in X-Seen which entry it belongs to. */
export function createRecorder() {
  /** in the order of their heads; `serial` is the index */
  const seen: Seen[] = []
  const byCase = new Map<string, Seen[]>()

  const handler: http.RequestListener = (req, res) => {
    const headers: [string, string][] = []
    for (let i = 0; i + 1 < req.rawHeaders.length; i += 2) {
      headers.push([req.rawHeaders[i] ?? '', req.rawHeaders[i + 1] ?? ''])
    }
    const [method, target] = [req.method ?? '', req.url ?? '']
    const entry: Seen = { serial: seen.length, method, target, headers, body: '', whole: false }
    const id = String(req.headers['x-case'] ?? '')
    seen.push(entry)
    byCase.set(id, [...(byCase.get(id) ?? []), entry])
    req.on('data', (chunk: Buffer) => {
      entry.body += chunk.toString('latin1')
    })
    req.on('end', () => {
      entry.whole = true
      // now and then the later of two is answered first
      const body = Buffer.from(JSON.stringify({ case: id }), 'latin1')
      setTimeout(() => res.setHeader('X-Seen', entry.serial).end(body), entry.serial % 5)
    })
  }
  return {
    seen,
    handler,
    /** those with this X-Case */
    of: (id: string): readonly Seen[] => byCase.get(id) ?? [],
  }
}
