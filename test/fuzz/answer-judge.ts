import type { Answered, Asked } from './answer-run.ts'
import type { Answering, AnsweringBackend } from './answering.ts'
import { type AnswerCase, POISON } from './answers.ts'
import { membersOf, valuesOf } from './message.ts'
import type { Key } from './random.ts'
import { type Reply, readReplies } from './reading.ts'
import type { Fault } from './request-judge.ts'

const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']

/** The front's own answer, from its table of errors; that to HEAD does not say which. */
function ownCode({ headers, body }: Reply): string | undefined {
  const isOwn =
    valuesOf(headers, 'x-case').length === 0 && valuesOf(headers, 'x-content-type-options').length === 1
  return isOwn ? (/"code":"([A-Z_]+)"/.exec(body)?.[1] ?? 'an error') : undefined
}

/** What a client must not have received, against what the backend sent; `crossed`: something was excused by that. */
export function judgeAnswer(each: AnswerCase, answered: Answered, backend: AnsweringBackend) {
  const { key, main, next } = answered
  const faults: Fault[] = []
  let crossed = false
  const fault = (kind: Fault['kind'], words: string) => void faults.push({ key, kind, words })
  const unlessCrossed = (asked: Asked, wrong: readonly Fault[]) => {
    if (wrong.length > 0 && hasCrossed(asked, backend)) crossed = true
    else faults.push(...wrong)
  }
  for (const asked of [main, ...next]) {
    if (asked.hung) fault('hung', `${asked.id}: neither answered nor closed`)
    if (asked.garbled) fault('malformed', `${asked.id}: what came is no answer`)
    const executions = backend.executions.get(asked.id) ?? 0
    const most = IDEMPOTENT.includes(asked.method) ? 2 : 1
    if (executions > most) fault('poisoned', `${asked.id} ran ${executions} times`)
  }
  if (!main.hung) unlessCrossed(main, judgeMain(main, backend.answerings.get(each.id), key))
  for (const asked of next) {
    const words = `${asked.id} got ${asked.reply ? `${asked.reply.status} ${ownCode(asked.reply)}` : 'nothing'}`
    if (!asked.hung && !isRight(asked)) unlessCrossed(asked, [{ key, kind: 'poisoned', words }])
  }
  return { faults, crossed }
}

function isRight({ id, reply }: Asked): boolean {
  return reply?.status === 200 && reply.whole && reply.body === JSON.stringify({ case: id })
}

/**
 * Whether bytes that answer nothing, or the end of a connection, crossed the request on its way: nobody could have known.
 * What the backend had sent before the client sent anything had come before the request.
 */
function hasCrossed({ id, sentAt, doneAt, reply }: Asked, { strays, closes }: AnsweringBackend): boolean {
  const during = (at: number) => at > sentAt && at < doneAt
  if (strays.some(stray => (stray.id === id || stray.id === undefined) && during(stray.at))) return true
  return reply !== undefined && ownCode(reply) === 'BACKEND_BROKE_OFF' && closes.some(during)
}

function judgeMain({ method, reply, left }: Asked, answering: Answering | undefined, key: Key): Fault[] {
  const faults: Fault[] = []
  const fault = (kind: Fault['kind'], words: string) => void faults.push({ key, kind, words })
  const { sent = '', ended = false, reset = false } = answering ?? {}
  // an answer without a length ends with its connection; a reset may overtake its last bytes, or look like an end
  const [meant] = readReplies(sent, [method], ended || reset).replies
  const own = reply && ownCode(reply)
  if (own === 'INTERNAL') fault('malformed', '500: the front itself is at a loss')
  if (own !== undefined || !reply) {
    if (meant?.whole && isOrdinary(sent, meant) && !left && !reset)
      fault('malformed', `${own ?? 'nothing'} in place of a good ${meant.status}`)
    return faults
  }
  // what a lie about its length makes part of an answer is that answer's own
  const isPoisoned = JSON.stringify(reply).includes(POISON) && !meant?.body.includes(POISON)
  if (isPoisoned) fault('poisoned', `got what belongs to no request: ${reply.status}`)
  if (!meant) {
    if (reply.whole) fault('malformed', `${reply.status} was made of what is no answer`)
    return faults
  }
  if (reply.status !== meant.status) fault('malformed', `${reply.status} in place of ${meant.status}`)
  if (reply.whole && !meant.whole) fault('malformed', 'an answer that was cut short looks whole')
  if (reply.whole && reply.body !== meant.body) fault('malformed', 'the body is another one')
  if (!meant.body.startsWith(reply.body) && !meant.body.includes('\r\n'))
    fault('malformed', 'the body begins otherwise')
  if (!reply.whole && meant.whole && !left && !reset) fault('malformed', 'a good answer was cut short')
  return [...faults, ...leaks(reply, meant).map(words => ({ key, kind: 'leaked' as const, words }))]
}

/** Nothing before it, and a head of the size that Node reads: up to 16 KiB and 2000 lines. */
function isOrdinary(sent: string, { headers }: Reply): boolean {
  return /^HTTP\/1\.[01] [2-9]/.test(sent) && headers.length < 900 && sent.indexOf('\r\n\r\n') < 12_000
}

const OWN = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'transfer-encoding',
  'x-request-id',
])
const HOP_BY_HOP = new Set([
  ...['expect', 'http2-settings', 'proxy-authenticate', 'proxy-authentication-info', 'proxy-authorization'],
  ...['proxy-connection', 'te', 'trailer', 'upgrade'],
])

function leaks({ headers }: Reply, meant: Reply): string[] {
  const leaks: string[] = []
  const unless = (fine: boolean, words: string) => void (fine || leaks.push(words))
  const named = membersOf(meant.headers, 'connection')
  unless(valuesOf(headers, 'x-request-id').length === 1, 'X-Request-Id is not there once')
  unless(/^(keep-alive|close)$/.test(valuesOf(headers, 'connection').join()), 'Connection')
  unless(/^(timeout=75)?$/.test(valuesOf(headers, 'keep-alive').join()), 'Keep-Alive')
  unless(valuesOf(headers, 'x-request-id').join() !== 'theirs', "the backend's X-Request-Id")
  for (const [name, value] of headers) {
    const key = name.toLowerCase()
    if (OWN.has(key)) continue
    unless(!HOP_BY_HOP.has(key) && !named.includes(key), `${name}: ${value.slice(0, 100)}`)
    const given = valuesOf(meant.headers, key)
    unless(key === 'location' || given.includes(value), `${name}, changed: ${value.slice(0, 100)}`)
  }
  return leaks
}
