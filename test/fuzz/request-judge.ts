import { valuesOf } from './message.ts'
import type { Key } from './random.ts'
import type { Reply, Request } from './reading.ts'
import type { Recorder, Seen } from './recorder.ts'
import type { Run } from './request-run.ts'

/**
 * hung: neither answered nor closed. poisoned: somebody got what belongs to another, or the backend got what nobody
 * sent. leaked: it got what has to stay behind. malformed: a client got what is no HTTP.
 */
export type Fault = {
  /** absent where no case is known to have done it */
  readonly key?: Key
  readonly kind: 'hung' | 'poisoned' | 'leaked' | 'malformed' | 'crashed'
  readonly words: string
}

const BACKEND_PATH = /^\/user\/login([/;?]|$)/

/** What the backend gets for a target: of a login's the repeated slashes are merged, as Nginx does. */
function passedAs(target: string): string {
  const merged = target.replace(/^[^?]*/, path => path.replace(/\/{2,}/g, '/'))
  return BACKEND_PATH.test(merged) ? merged : target
}

const isSame = (seen: Seen, { method, target, body }: Request) =>
  seen.method === method && seen.target === passedAs(target) && seen.body === body

const idOf = (message: Pick<Request, 'headers'>) => valuesOf(message.headers, 'x-case').join(', ')

/** What a client must not have received: the answers one by one, each against the request it has to belong to. */
export function judgeReplies(run: Run, recorder: Recorder): Fault[] {
  const { key, sent, replies, garbled, hung, after } = run
  const faults: Fault[] = []
  const fault = (kind: Fault['kind'], words: string) => void faults.push({ key, kind, words })
  if (hung) fault('hung', `no ${hung}`)
  if (garbled) fault('malformed', 'what came is no sequence of answers')

  for (const [i, reply] of replies.entries()) {
    const request = sent.requests[i]
    const words = request ? judgeReply(reply, request, recorder) : judgeRefusal(reply, i, run)
    if (words) fault('poisoned', `answer ${i + 1}: ${words}`)
    // a page may answer before the body of its request has turned out to be bad
    const mayBeCut = after === 'abort' || after === 'half-close' || i === sent.requests.length
    if (!reply.whole && !mayBeCut && !hung) fault('malformed', `answer ${i + 1} is cut short`)
  }
  return faults
}

function judgeReply(reply: Reply, request: Request, recorder: Recorder): string | undefined {
  const serial = valuesOf(reply.headers, 'x-seen')[0]
  if (serial !== undefined) {
    const seen = recorder.seen[Number(serial)]
    if (!seen) return 'of a backend that is none'
    const echoed =
      request.method === 'HEAD' || !reply.whole || reply.body === JSON.stringify({ case: idOf(request) })
    if (isSame(seen, request) && idOf(seen) === idOf(request) && echoed) return undefined
    return `belongs to ${JSON.stringify([seen.method, seen.target, idOf(seen)])}`
  }
  if (BACKEND_PATH.test(passedAs(request.target)) && reply.status < 400)
    return `${reply.status} that is not the backend's`
  // one that has lost its id to an odd byte looks like any other that has
  const id = idOf(request)
  const executed = id !== '' && recorder.of(id).some(seen => seen.whole && isSame(seen, request))
  if (executed) return `${reply.status}, though the backend had answered that request`
  return undefined
}

/** After the last whole request may come one refusal of what follows it, or a page that needs no body to be whole. */
function judgeRefusal(reply: Reply, index: number, { sent, replies }: Run): string | undefined {
  const isLast = index === sent.requests.length && replies.length === index + 1
  if (!isLast || sent.end === 'clean' || sent.end === 'closed') return `${reply.status} to no request`
  const isPage = sent.unfinished !== undefined && !BACKEND_PATH.test(passedAs(sent.unfinished.target))
  if ((reply.status < 400 && !isPage) || valuesOf(reply.headers, 'x-seen').length > 0) {
    return `${reply.status} to what a strict reader cannot take`
  }
  return undefined
}

/** Never passed on, besides Connection itself and what that names. */
const HOP_BY_HOP = new Set([
  ...[
    'expect',
    'http2-settings',
    'keep-alive',
    'proxy-authenticate',
    'proxy-authentication-info',
    'te',
    'trailer',
  ],
  ...['proxy-authorization', 'proxy-connection', 'upgrade', 'proxy', 'forwarded'],
])
const OWN = new Set([
  ...['host', 'connection', 'content-length', 'transfer-encoding', 'x-forwarded-for', 'x-forwarded-proto'],
  ...['x-forwarded-port', 'x-forwarded-host', 'x-real-ip', 'x-request-id'],
])

/** What the backend must not have seen: every request of it against those that were sent. */
export function judgeSeen(runs: readonly Run[], recorder: Recorder, host: string): Fault[] {
  const open = new Map<string, { run: Run; request: Request; whole: boolean }[]>()
  for (const run of runs) {
    const { requests, unfinished } = run.sent
    const add = (request: Request, whole: boolean) => {
      const id = idOf(request)
      open.set(id, [...(open.get(id) ?? []), { run, request, whole }])
    }
    for (const request of requests) add(request, true)
    if (unfinished) add(unfinished, false)
  }

  /** On a busy machine no 100 came in time: the body stayed, and the login came again (docs/decisions/0006). */
  const isGivenUp = (seen: Seen) =>
    !seen.whole &&
    seen.body === '' &&
    recorder.of(idOf(seen)).some(each => each.whole && each.serial > seen.serial)

  return recorder.seen.flatMap((seen): Fault[] => {
    if (isGivenUp(seen)) return []
    const candidates = open.get(idOf(seen)) ?? []
    const fits = ({ request, whole }: (typeof candidates)[number]) =>
      seen.whole
        ? whole && isSame(seen, request)
        : seen.method === request.method && seen.target === passedAs(request.target)
    // two cases may have lost the header that tells them apart, and be the same but for others
    const isWhatCame = (each: (typeof candidates)[number]) =>
      fits(each) && leaks(seen, each.request, host).length === 0
    const alike = candidates.findIndex(isWhatCame)
    const at = alike === -1 ? candidates.findIndex(fits) : alike
    const [match] = at === -1 ? [] : candidates.splice(at, 1)
    if (!match) {
      const what = JSON.stringify([seen.method, seen.target, idOf(seen), seen.body.slice(0, 100)])
      return [{ kind: 'poisoned', words: `the backend saw what was not sent: ${what}` }]
    }
    return leaks(seen, match.request, host).map(words => ({ key: match.run.key, kind: 'leaked', words }))
  })
}

function leaks({ target, headers }: Seen, request: Request, host: string): string[] {
  const leaks: string[] = []
  const unless = (fine: boolean, words: string) => void (fine || leaks.push(words))
  const values = (name: string) => valuesOf(headers, name)
  const path = target.replace(/\?.*/, '')
  const resolved = new URL(path.replaceAll(/%2e/gi, '.').replaceAll(/%2f|%5c|\\/gi, '/'), 'http://a').pathname
  unless(BACKEND_PATH.test(path) && BACKEND_PATH.test(resolved), `path ${target}`)
  unless(values('host').join() === host, `Host: ${values('host').join(' | ')}`)
  unless(
    /^(keep-alive|close)?$/.test(values('connection').join()),
    `Connection: ${values('connection').join()}`,
  )
  const framing = [...values('content-length').map(Number), ...values('transfer-encoding')]
  unless(framing.length <= 1 && !Number.isNaN(framing[0]), `framing ${framing.join(' | ')}`)
  unless(values('x-request-id').length === 1, 'no X-Request-Id')
  unless(/(^|, )127\.0\.0\.1$/.test(values('x-forwarded-for').join('|')), 'X-Forwarded-For')

  const named = valuesOf(request.headers, 'connection')
    .join()
    .toLowerCase()
    .split(/[\s,]+/)
  for (const [name, value] of headers) {
    const key = name.toLowerCase()
    // the front asks by itself whether a reused connection is still there
    if (OWN.has(key) || (key === 'expect' && value === '100-continue')) continue
    unless(
      !HOP_BY_HOP.has(key) && !named.includes(key) && !key.includes('_'),
      `${name}: ${value.slice(0, 100)}`,
    )
    const given = valuesOf(request.headers, key)
    unless(
      [given.join(', ').trim(), given.join('; ').trim(), ...given].includes(value),
      `${name}, changed: ${value}`,
    )
  }
  return leaks
}
