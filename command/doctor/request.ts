import http from 'node:http'
import { loginAt } from '../../lib/backend/backends.ts'
import type { Target } from '../../lib/backend/connect.ts'
import { probe } from '../../lib/backend/probe.ts'
import { describeError } from '../../lib/http/errors.ts'
import type { Config } from '../../lib/settings/settings.ts'
import { headersAsFront } from './as-front.ts'
import { lookAt, open, STEP_MS } from './connection.ts'
import type { Texts } from './english.ts'
import { type Finding, skipFrom, took } from './report.ts'

type Heard = {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly ms: number
  /** of this machine's clock, halfway between question and answer */
  readonly atMs: number
}
type Unheard = { readonly error: unknown }
type ProbeAnswer = { readonly address: string } & (Heard | Unheard)

const CLOCK_MS = 30_000

/**
 * HEAD to every good address; and to one of them what a browser sends to log in, but without a name and a password: an API
 * refuses that, and says so in another way than whoever has no login at all.
 */
export async function checkRequests(
  config: Config,
  target: Target,
  addresses: readonly string[],
  texts: Texts,
): Promise<Finding[]> {
  const answers = await Promise.all(addresses.map(each => ask(each, target, config, 'HEAD', texts.request)))
  const heard = answers.filter(each => 'status' in each)
  const findings = await Promise.all(answers.map(each => ofAnswer(each, config, target, texts.request)))
  const [one] = heard
  if (!one) return [...findings, ...skipFrom('login', texts.skipped.noAnswer)]
  // a POST to an API that has no login could do anything
  if (!config.routes.some(({ kind }) => kind === 'login')) return [...findings, ofClock(one, texts)]
  const login = await ask(one.address, target, config, 'POST', texts.request)
  return [
    ...findings,
    ofLogin(login, one, config, texts.request),
    ...(await checkContinue(config, target, addresses, texts)),
    ofClock(one, texts),
  ]
}

/** Where logins go, as the API sees it. */
const loginPathOf = (config: Config) => loginOf(config).path
const loginOf = ({ BACKEND_ORIGIN, routes, PUBLIC_ORIGIN }: Config) =>
  loginAt(BACKEND_ORIGIN, routes, PUBLIC_ORIGIN)

/** One request over a connection of its own. POST carries a small body. */
async function ask(
  address: string,
  target: Target,
  config: Config,
  method: 'HEAD' | 'POST',
  texts: Texts['request'],
): Promise<ProbeAnswer> {
  const body = method === 'POST' ? '{}' : ''
  try {
    const { socket } = await open(address, target)
    const started = performance.now()
    const startedAt = Date.now()
    return await new Promise((resolve, reject) => {
      const request = http.request({
        method,
        path: loginPathOf(config),
        createConnection: () => socket,
        headers: {
          ...headersAsFront(config),
          Connection: 'close',
          ...(body && {
            'Content-Type': 'application/json',
            'Content-Length': body.length,
          }),
        },
      })
      const timer = setTimeout(() => request.destroy(new Error(texts.noAnswerWithin(took(STEP_MS)))), STEP_MS)
      request.once('response', response => {
        const ms = performance.now() - started
        const { statusCode: status = 0, headers } = response
        response.destroy()
        resolve({ address, status, headers, ms, atMs: (startedAt + Date.now()) / 2 })
      })
      request.on('error', reject).once('close', () => clearTimeout(timer))
      request.end(body)
    })
  } catch (error) {
    return { address, error }
  }
}

async function ofAnswer(
  answer: ProbeAnswer,
  config: Config,
  target: Target,
  texts: Texts['request'],
): Promise<Finding> {
  const check = 'request'
  const { address } = answer
  const { hostname, protocol } = config.BACKEND_ORIGIN
  const saysOf = (said: string) => texts.head(loginPathOf(config), address, said)
  // an HTTPS listener that gets plain HTTP resets it, or says 400 (Nginx, an ALB)
  const odd = !('status' in answer) || answer.status === 400
  if (protocol === 'http:' && odd && (await lookAt(address, { ...target, verify: hostname })))
    return {
      check,
      result: 'wrong',
      ...texts.tls(`${address}:${target.port}`, `https://${config.BACKEND_ORIGIN.host}`),
    }
  if (!('status' in answer))
    return { check, result: 'wrong', says: saysOf(describeError(answer.error)), todo: texts.noAnswer }

  const { status, headers, ms } = answer
  const says = saysOf(texts.status(status, took(ms)))
  if (status >= 500) return { check, result: 'warning', says, todo: texts.serverError(status) }
  const location = URL.parse(headers.location ?? '')
  if (protocol === 'http:' && status >= 300 && status < 400 && location?.protocol === 'https:')
    return {
      check,
      result: 'warning',
      says: texts.redirected(says, location.origin),
      todo: texts.wantsHttps,
    }
  return { check, result: 'ok', says }
}

/** The Server header of an ALB where a rule of its own answers, and not a target. */
const ALB = /^awselb\//

/** Whether there is a login at all; never worse than a warning, for only the API knows what it means by a status. */
function ofLogin(answer: ProbeAnswer, head: Heard, config: Config, texts: Texts['request']): Finding {
  const check = 'login'
  const saysOf = (said: string) => texts.post(loginPathOf(config), said)
  const warning = (says: string, todo: string): Finding => ({ check, result: 'warning', says, todo })
  if (!('status' in answer)) return warning(saysOf(describeError(answer.error)), texts.noAnswerToPost)
  const { status, headers } = answer
  const says = saysOf(String(status))
  const elsewhere = otherHost(headers.location, config)
  if (status >= 300 && status < 400 && elsewhere !== undefined)
    return warning(texts.redirected(says, elsewhere), texts.elsewhere)
  if (status === 404 || status === 405 || status === 421) return warning(says, texts.noLogin)
  const isRule = ALB.test(String(headers.server ?? '')) || head.status === 403
  if (status === 403 && isRule) return warning(says, texts.defaultRule)
  if (status >= 500) return warning(says, texts.serverError(status))
  return { check, result: 'ok', says: texts.asExpected(says) }
}

/** The origin that a Location leads to, where its host is not the backend's. */
function otherHost(location: string | undefined, { BACKEND_ORIGIN }: Config): string | undefined {
  const to = location === undefined ? null : URL.parse(location, BACKEND_ORIGIN)
  return to?.hostname === BACKEND_ORIGIN.hostname ? undefined : to?.origin
}

/** What each address does with the question that a login over a reused connection asks (docs/decisions/0006). */
async function checkContinue(
  config: Config,
  target: Target,
  addresses: readonly string[],
  { request: texts, skipped }: Texts,
): Promise<Finding[]> {
  const check = '100-continue'
  if (config.REPLAY === 'off') return [{ check, result: 'skipped', says: skipped.replayOff }]
  return Promise.all(
    addresses.map(async address => {
      const reaction = await probe(address, { target, ...loginOf(config), timeoutMs: STEP_MS })
      const says = texts.reaction(address, reaction)
      // an answer without 100 is what Go, uvicorn and Jetty give; nothing has to be done about it
      if (reaction.does === 'continues' || (reaction.does === 'answers' && reaction.status !== 417))
        return { check, result: 'ok', says }
      return { check, result: 'warning', says, todo: texts.noContinue }
    }),
  )
}

/** `Date` has whole seconds, so half of one is what it says on average. */
function ofClock({ headers, atMs }: Heard, { request: texts, skipped }: Texts): Finding {
  const check = 'clock'
  const theirs = Date.parse(headers.date ?? '') + 500
  if (Number.isNaN(theirs)) return { check, result: 'skipped', says: skipped.noDate }
  const ahead = atMs - theirs
  if (Math.abs(ahead) < 1500) return { check, result: 'ok', says: texts.sameClock }
  const says = texts.otherClock(took(Math.abs(ahead)), ahead > 0)
  if (Math.abs(ahead) <= CLOCK_MS) return { check, result: 'ok', says }
  return { check, result: 'warning', says, todo: texts.wrongClock }
}
