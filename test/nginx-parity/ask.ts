import { WebSocket } from 'ws'
import { ask as askRaw, header } from '../raw.ts'
import type { Received } from './backends.ts'
import type { Request } from './requests.ts'

/** What came of a request: what the client got, and what an API or a page received. */
export type Outcome = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** undefined where nobody but the proxy answered */
  readonly received?: Received | undefined
  /** the length of a body that is not what was received */
  readonly rest: string
}

export async function ask(port: number, each: Request): Promise<Outcome> {
  if (each.socket) return openSocket(port, each)
  const hosts = each.headers.some(line => line.startsWith('Host:')) ? [] : ['Host: www.dev.jp']
  const lines = [`${each.method} ${each.target} HTTP/1.1`, ...hosts, ...each.headers]
  const { body = '' } = each
  const isChunked = each.headers.some(line => /^transfer-encoding:/i.test(line))
  if (each.announced !== undefined) lines.push(`Content-Length: ${each.announced}`)
  else if (body !== '' && !isChunked) lines.push(`Content-Length: ${body.length}`)
  const answer = await askRaw(port, `${lines.join('\r\n')}\r\n\r\n${body}`, each.method === 'HEAD')
  const headers: Record<string, string> = {}
  for (const [name] of answer.headers) headers[name.toLowerCase()] = header(answer, name) ?? ''
  if (headers['content-encoding'] === 'gzip') return { status: answer.status, headers, rest: 'gzip' }
  const isTheirs = headers['x-who'] !== undefined && answer.body !== ''
  return {
    status: answer.status,
    headers,
    ...(isTheirs && { received: read(answer.body) }),
    rest: isTheirs && answer.body.length > 100_000 ? 'large' : '',
  }
}

const read = (text: string): Received => JSON.parse(text)

/** A WebSocket: its first message says what was received, its second that both directions work. */
function openSocket(port: number, { target, headers }: Request): Promise<Outcome> {
  const pairs = headers.map(line => {
    const [name = '', value = ''] = line.split(/: ?(.*)/)
    return [name, value] as const
  })
  const socket = new WebSocket(`ws://127.0.0.1:${port}${target}`, {
    headers: { Host: 'www.dev.jp', ...Object.fromEntries(pairs) },
    perMessageDeflate: false,
  })
  return new Promise((resolve, reject) => {
    const messages: string[] = []
    socket.on('message', message => {
      messages.push(String(message))
      if (messages.length === 1) socket.send('there and')
      else {
        socket.close()
        resolve({ status: 101, headers: {}, received: read(messages[0] ?? ''), rest: messages[1] ?? '' })
      }
    })
    socket.on('unexpected-response', async (_req, res) => {
      let text = ''
      for await (const piece of res) text += piece
      const isTheirs = res.headers['x-who'] !== undefined
      resolve({
        status: res.statusCode ?? 0,
        headers: {},
        ...(isTheirs && { received: read(text) }),
        rest: '',
      })
    })
    socket.on('error', reject)
  })
}
