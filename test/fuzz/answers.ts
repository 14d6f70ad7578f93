import { framing, header, INTERIM, REASONS, STATUSES, VERSIONS } from './odd-answers.ts'
import { createRandom, cut, type Framed, idOf, type Key, type Random } from './random.ts'

/** What a backend does with one request. */
export type Script = {
  /** it begins when it has the whole request, or as soon as it has the head */
  readonly at: 'body' | 'head'
  /** what it says to `Expect: 100-continue` where it waits for the body */
  readonly toExpect: string
  /** what it sends, in the pieces it is written in */
  readonly pieces: readonly string[]
  /** between two pieces */
  readonly pauseMs: number
  /** sent again and again after the pieces, every so many ms */
  readonly endless?: { readonly piece: string; readonly everyMs: number }
  /** what comes later, when the connection is idle */
  readonly late?: { readonly bytes: string; readonly afterMs: number }
  /** what then becomes of the connection; `keep`: nothing */
  readonly end: 'keep' | 'fin' | 'reset'
}

export type AnswerCase = {
  readonly key: Key
  /** X-Case of its request; that of the plain logins after it begins with it */
  readonly id: string
  readonly method: string
  /** the request, in the pieces it is written in */
  readonly pieces: readonly string[]
  readonly script: Script
  /** whether the plain logins wait until the backend has done all of the script */
  readonly patient: boolean
}

/** In every byte that belongs to no request: no client may ever see it. */
export const POISON = 'poison'

/** What an API answers that nothing is wrong with. */
export function plainAnswer(id: string, method: string): string {
  const body = JSON.stringify({ case: id })
  const head = ['HTTP/1.1 200 OK', `X-Case: ${id}`, `Content-Length: ${body.length}`]
  return `${head.join('\r\n')}\r\n\r\n${method === 'HEAD' ? '' : body}`
}

/** The request and its odd answer that a key stands for. */
export function answerCase(key: Key): AnswerCase {
  const random = createRandom(key)
  const id = idOf(key)
  const method = random.pick('POST POST POST POST GET GET HEAD PUT DELETE OPTIONS'.split(' '))
  const [pieces, patient] = [request(random, id, method), random.chance(0.5)]
  return { key, id, method, pieces, patient, script: script(random, id, key.number) }
}

function request(random: Random, id: string, method: string): string[] {
  const hasBody = method === 'POST' || method === 'PUT'
  const body = hasBody ? 'a'.repeat(random.pick([3, 3, 3, 20_000, 100_000, 300_000])) : ''
  const isChunked = hasBody && random.chance(0.2)
  const framed = isChunked ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body
  const framing = isChunked
    ? ['Transfer-Encoding: chunked']
    : hasBody
      ? [`Content-Length: ${body.length}`]
      : []
  const head = [`${method} /user/login HTTP/1.1`, 'Host: front.example', `X-Case: ${id}`, ...framing].join(
    '\r\n',
  )
  return [`${head}\r\n\r\n${framed.slice(0, body.length / 2)}`, framed.slice(body.length / 2)]
}

type Draft = {
  interim: string
  version: string
  status: string
  reason: string
  headers: readonly string[]
  framed: Framed
  lineEnd: string
}

function script(random: Random, id: string, number: number): Script {
  const body = JSON.stringify({ case: id })
  const draft: Draft = {
    interim: '',
    version: 'HTTP/1.1',
    status: random.pick(['200', '200', '200', '401']),
    reason: 'OK',
    headers: [`X-Case: ${id}`],
    framed: { headers: [`Content-Length: ${body.length}`], body },
    lineEnd: '\r\n',
  }
  const oddities = random.pick([0, 1, 1, 1, 2, 2, 3])
  for (let i = 0; i < oddities; i++) Object.assign(draft, random.pick(ODDITIES)(draft, random, body))
  const text = written(draft)
  // a backend that does not know Expect is asked once and then no more: not before most cases are through
  const knowsExpect = number % 1000 < 500 || !random.chance(0.02)
  const fate = random.pick(FATES)(text, random)
  return {
    at: random.chance(0.15) ? 'head' : 'body',
    toExpect: knowsExpect
      ? random.pick(CONTINUES)
      : random.pick(['', 'HTTP/1.1 417 x\r\nContent-Length: 0\r\n\r\n']),
    pauseMs: 0,
    end: 'keep',
    pieces: cut(text, random),
    ...fate,
  }
}

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'
const CONTINUES = [
  ...[CONTINUE, CONTINUE, CONTINUE, CONTINUE],
  ...[`${CONTINUE}${CONTINUE}`, 'HTTP/1.1 100\r\nX-Odd: \xff\r\n\r\n'],
  ...[`HTTP/1.1 102 Processing\r\n\r\n${CONTINUE}`, `HTTP/1.1 103 x\r\nLink: <x>\r\n\r\n${CONTINUE}`],
]

/** What takes the place of a part of the draft. */
const ODDITIES: readonly ((draft: Draft, random: Random, body: string) => Partial<Draft>)[] = [
  (_draft, random, body) => ({ framed: framing(random, body) }),
  (_draft, random, body) => ({ framed: framing(random, body) }),
  ({ headers }, random) => ({ headers: [...headers, ...header(random)] }),
  ({ headers }, random) => ({ headers: [...header(random), ...headers] }),
  (_draft, random) => ({ status: random.pick(STATUSES) }),
  (_draft, random) => ({ reason: random.pick(REASONS) }),
  (_draft, random) => ({ version: random.pick(VERSIONS) }),
  ({ interim }, random) => ({ interim: interim + random.pick(INTERIM) }),
  (_draft, random) => ({ lineEnd: random.pick(LINE_ENDS) }),
]
const LINE_ENDS = ['\n', '\r', '\r\r\n', '\n\r', ' \r\n', '\0\r\n', '\r\n\r\n']

const foreign = `HTTP/1.1 200 OK\r\nX-Case: ${POISON}\r\nContent-Length: 6\r\n\r\n${POISON}`
const EXTRA = [
  ...[foreign, foreign, `${foreign}${foreign}`, foreign.slice(0, 40)],
  `HTTP/1.1 408 ${POISON}\r\nConnection: close\r\n\r\n`,
  ...[POISON, '\r\n', '0\r\n\r\n', '\0', `HTTP/1.1 100 Continue\r\n\r\n${foreign}`, CONTINUE],
]

type Fate = Partial<Script>

/** What becomes of the answer on its way: nothing, mostly. */
const FATES: readonly ((text: string, random: Random) => Fate)[] = [
  ...Array.from({ length: 7 }, () => () => ({})),
  (_text, random) => ({ end: random.pick(['fin', 'fin', 'reset']) }),
  (text, random) => ({
    pieces: cut(text + random.pick(EXTRA), random),
    end: random.pick(['keep', 'keep', 'fin']),
  }),
  (_text, random) => ({
    late: { bytes: random.pick(EXTRA), afterMs: random.pick([1, 5, 20]) },
    end: random.pick(['keep', 'fin', 'reset']),
  }),
  (text, random) => ({
    pieces: cut(text.slice(0, random.below(text.length)), random),
    end: random.pick(['fin', 'fin', 'reset', 'reset', 'keep']),
  }),
  (text, random) => ({ pieces: cut(text.slice(0, 400), random).slice(0, 20), pauseMs: 10, end: 'fin' }),
  (_text, random) => random.pick(ENDLESS)(random),
]

const OK = `HTTP/1.1 200 OK\r\n`
const ENDLESS: readonly ((random: Random) => Fate)[] = [
  () => ({ pieces: [] }),
  random => ({ pieces: [OK], endless: { piece: random.pick(['X-A: b\r\n', 'a']), everyMs: 20 } }),
  () => ({ pieces: [OK], endless: { piece: `X-A: ${'b'.repeat(4000)}\r\n`, everyMs: 1 } }),
  () => ({ pieces: [], endless: { piece: CONTINUE, everyMs: 20 } }),
  () => ({ pieces: [], endless: { piece: CONTINUE.repeat(100), everyMs: 1 } }),
  () => ({ pieces: [`${OK}\r\n`], endless: { piece: 'a', everyMs: 20 } }),
  () => ({
    pieces: [`${OK}Content-Length: 1000000000\r\n\r\n`],
    endless: { piece: 'a'.repeat(10_000), everyMs: 1 },
  }),
  () => ({
    pieces: [`${OK}Transfer-Encoding: chunked\r\n\r\n`],
    endless: { piece: '1\r\na\r\n', everyMs: 20 },
  }),
  () => ({
    pieces: [`${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n`],
    endless: { piece: 'X-A: b\r\n', everyMs: 20 },
  }),
  () => ({ pieces: [`${OK}Transfer-Encoding: chunked\r\n\r\n1;`], endless: { piece: 'a', everyMs: 20 } }),
  () => ({ pieces: [], endless: { piece: '\r\n', everyMs: 20 } }),
]

function written({ interim, version, status, reason, headers, framed, lineEnd }: Draft): string {
  const lines = [`${version} ${status} ${reason}`, ...headers, ...framed.headers]
  return `${interim}${lines.join(lineEnd)}${lineEnd}${lineEnd}${framed.body}`
}
