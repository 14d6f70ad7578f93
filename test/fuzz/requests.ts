import { framing } from './odd-framing.ts'
import { HOSTS, header, METHODS, target, VERSIONS } from './odd-requests.ts'
import { createRandom, cut, type Framed, idOf, type Key, type Random } from './random.ts'

export type RequestCase = {
  readonly key: Key
  /** X-Case of what is sent, and of the plain logins after it, begins with it */
  readonly id: string
  /** what is sent, in the pieces it is written in */
  readonly pieces: readonly string[]
  /**
   * pipelined: a plain login stands right behind it. follow: one is sent when the answers are there. half-close, abort:
   * FIN or a reset when it is sent.
   */
  readonly after: 'pipelined' | 'follow' | 'half-close' | 'abort'
}

type Draft = {
  method: string
  target: string
  version: string
  headers: string[]
  framed: Framed | undefined
  lineEnd: string
}

/** A plain login; X-Case says whose it is, to the backend and in its answer. */
export function login(id: string): string {
  const body = JSON.stringify({ case: id })
  const head = [
    'POST /user/login HTTP/1.1',
    'Host: front.example',
    `X-Case: ${id}`,
    `Content-Length: ${body.length}`,
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

/** The request, or several on one connection, that a key stands for: a plain one with one to three oddities. */
export function requestCase(key: Key): RequestCase {
  const random = createRandom(key)
  const id = idOf(key)
  const drafts = Array.from({ length: random.pick([1, 1, 1, 1, 2, 3]) }, (_, i) =>
    drafted(random, `${id}-${i}`),
  )
  let text = drafts.map(written).join('')
  if (random.chance(0.12)) text = withOddBytes(text, random)
  const isCut = random.chance(0.08)
  if (isCut) text = text.slice(0, 1 + random.below(text.length))
  const after = random.pick<RequestCase['after']>(isCut ? ENDS : [...GOES_ON, ...GOES_ON, ...ENDS])
  const pieces = cut(after === 'pipelined' ? text + login(`${id}-next`) : text, random)
  return { key, id, pieces, after }
}

const GOES_ON = ['pipelined', 'follow', 'follow'] as const
const ENDS = ['half-close', 'abort'] as const

function drafted(random: Random, id: string): Draft {
  const draft: Draft = {
    method: random.pick(['POST', 'POST', 'GET', 'HEAD']),
    target: random.pick(['/user/login', '/user/login', '/user/login', '/user/login?a=1', '/', '/login']),
    version: 'HTTP/1.1',
    headers: ['Host: front.example', `X-Case: ${id}`],
    framed: undefined,
    lineEnd: '\r\n',
  }
  if (draft.method === 'POST') draft.framed = { headers: ['Content-Length: 3'], body: 'abc' }
  const hidden = `POST /user/login/smuggled HTTP/1.1\r\nHost: a\r\nX-Case: ${id}\r\nContent-Length: 0\r\n\r\n`
  const oddities = random.pick([0, 1, 1, 1, 2, 2, 3])
  for (let i = 0; i < oddities; i++) Object.assign(draft, random.pick(ODDITIES)(draft, random, hidden))
  return draft
}

/** @returns what takes the place of a part of the draft */
type Oddity = (draft: Draft, random: Random, hidden: string) => Partial<Draft>

const insert = (lines: readonly string[], random: Random, more: readonly string[]) =>
  lines.toSpliced(random.below(lines.length + 1), 0, ...more)

const oddHeader: Oddity = ({ headers }, random) => ({ headers: insert(headers, random, header(random)) })

const oddFraming: Oddity = (_draft, random, hidden) => ({
  framed: framing(random, hidden),
  ...(random.chance(0.8) && { method: random.pick(['POST', 'POST', 'PUT', 'GET', 'DELETE']) }),
})

const ODDITIES: readonly Oddity[] = [
  ...[oddHeader, oddHeader, oddHeader, oddHeader, oddFraming, oddFraming, oddFraming, oddFraming],
  (_draft, random) => ({ method: random.pick(METHODS) }),
  (_draft, random) => ({ target: target(random) }),
  (_draft, random) => ({ target: target(random) }),
  (_draft, random) => ({ version: random.pick(VERSIONS) }),
  ({ headers }, random) => {
    const at = headers.findIndex(line => line.startsWith('Host:'))
    const instead = random.chance(0.2) ? [] : [random.pick(HOSTS)]
    if (random.chance(0.3)) return { headers: insert(headers, random, instead) }
    return at === -1 ? {} : { headers: headers.toSpliced(at, 1, ...instead) }
  },
  (_draft, random) => ({ lineEnd: random.pick(LINE_ENDS) }),
]
const LINE_ENDS = ['\n', '\r', '\r\r\n', '\n\r', '\r\n\r\n', '\0\r\n', ' \r\n']

function written({ method, target, version, headers, framed, lineEnd }: Draft): string {
  const lines = [`${method} ${target} ${version}`, ...headers, ...(framed?.headers ?? [])]
  return `${lines.join(lineEnd)}${lineEnd}${lineEnd}${framed?.body ?? ''}`
}

const BYTES = [...'\0\r\n\t :,;/?#"\\', '\r\n', '\r\n\r\n', '\x0b', '\x7f', '\x80', '\xa0', '\xff', '0', 'a']

/** A few bytes changed, put in or left out: mostly in the head, where it counts. */
function withOddBytes(text: string, random: Random): string {
  let result = text
  for (let i = random.pick([1, 1, 2, 5]); i > 0; i--) {
    const at = random.below(Math.min(result.length, random.pick([40, 300, result.length])) || 1)
    const [byte, gone] = [random.pick(BYTES), random.below(2)]
    result = random.chance(0.3)
      ? result.slice(0, at) + result.slice(at + 1)
      : result.slice(0, at) + byte + result.slice(at + gone)
  }
  return result
}
