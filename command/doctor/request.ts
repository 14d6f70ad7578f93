import http from 'node:http'
import type { Target } from '../../lib/backend/connect.ts'
import { describeReaction } from '../../lib/backend/expectation.ts'
import { probe } from '../../lib/backend/probe.ts'
import { describeError } from '../../lib/http/errors.ts'
import type { Config } from '../../lib/settings/settings.ts'
import { headersAsFront } from './as-front.ts'
import { lookAt, open, STEP_MS } from './connection.ts'
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
): Promise<Finding[]> {
  const answers = await Promise.all(addresses.map(each => ask(each, target, config, 'HEAD')))
  const heard = answers.filter(each => 'status' in each)
  const findings = await Promise.all(answers.map(each => ofAnswer(each, config, target)))
  const [one] = heard
  if (!one) return [...findings, ...skipFrom('login', 'since no request was answered')]
  // a POST to an API that has no login could do anything
  if (!config.routes.some(({ kind }) => kind === 'login')) return [...findings, ofClock(one)]
  const login = await ask(one.address, target, config, 'POST')
  return [
    ...findings,
    ofLogin(login, one, config),
    ...(await checkContinue(config, target, addresses)),
    ofClock(one),
  ]
}

/** Where logins go, as the API sees it. */
const loginPathOf = ({ routes }: Config) =>
  (routes.find(({ kind }) => kind === 'login') ?? routes[0])?.base || '/'

/** One request over a connection of its own. POST carries a small body. */
async function ask(
  address: string,
  target: Target,
  config: Config,
  method: 'HEAD' | 'POST',
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
      const timer = setTimeout(() => request.destroy(new Error(`no answer within ${took(STEP_MS)}`)), STEP_MS)
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

async function ofAnswer(answer: ProbeAnswer, config: Config, target: Target): Promise<Finding> {
  const check = 'request'
  const { address } = answer
  const { hostname, protocol } = config.BACKEND_ORIGIN
  const asked = `HEAD ${loginPathOf(config)} to ${address}`
  // an HTTPS listener that gets plain HTTP resets it, or says 400 (Nginx, an ALB)
  const odd = !('status' in answer) || answer.status === 400
  if (protocol === 'http:' && odd && (await lookAt(address, { ...target, verify: hostname })))
    return {
      check,
      result: 'wrong',
      says: `${address}:${target.port} speaks TLS, and BACKEND_ORIGIN says http`,
      todo: `Set BACKEND_ORIGIN=https://${config.BACKEND_ORIGIN.host}.`,
    }
  if (!('status' in answer))
    return {
      check,
      result: 'wrong',
      says: `${asked}: ${describeError(answer.error)}`,
      todo: "The connection stands, and the API does not answer: look at the ALB's targets, and at the API's own log.",
    }

  const { status, headers, ms } = answer
  const says = `${asked}: ${status} in ${took(ms)}`
  if (status >= 500)
    return {
      check,
      result: 'warning',
      says,
      todo: `HTTP gets through; the ${status} is the backend's own: look at the health of the ALB's targets, and at the API's log.`,
    }
  const { location = '' } = headers
  if (
    protocol === 'http:' &&
    status >= 300 &&
    status < 400 &&
    /^https:/.test(location) &&
    URL.canParse(location)
  )
    return {
      check,
      result: 'warning',
      says: `${says}, to ${new URL(location).origin}`,
      todo: 'The backend wants HTTPS, and a login would be redirected: set BACKEND_ORIGIN to that origin.',
    }
  return { check, result: 'ok', says }
}

/** An ALB calls itself so where a rule of its own answers, and not a target. */
const ALB = /^awselb\//

/** Whether there is a login at all; never worse than a warning, for only the API knows what it means by a status. */
function ofLogin(answer: ProbeAnswer, head: Heard, config: Config): Finding {
  const check = 'login'
  const asked = `POST ${loginPathOf(config)} without a name and a password`
  const warning = (says: string, todo: string): Finding => ({ check, result: 'warning', says, todo })
  if (!('status' in answer))
    return warning(
      `${asked}: ${describeError(answer.error)}`,
      "HEAD is answered and POST is not: look at the API's log, and at what stands between (a firewall, WAF).",
    )
  const { status, headers } = answer
  const says = `${asked}: ${status}`
  const elsewhere = otherHost(headers.location, config)
  if (status >= 300 && status < 400 && elsewhere !== undefined)
    return warning(
      `${says}, to ${elsewhere}`,
      'A login would be sent to another host. Where logins are not meant to go there (single sign-on), see the rules of the ALB, and whether BACKEND_ORIGIN is the right one.',
    )
  if (status === 404 || status === 405 || status === 421) return warning(says, NO_LOGIN)
  const isRule = ALB.test(String(headers.server ?? '')) || head.status === 403
  if (status === 403 && isRule)
    return warning(
      says,
      `This looks like the default rule of an ALB, or like WAF, rather than like the API, which sees no login then. ${NO_LOGIN}`,
    )
  if (status >= 500)
    return warning(says, `HTTP gets through; the ${status} is the backend's own: look at the API's log.`)
  return { check, result: 'ok', says: `${says}, as an API may say of that` }
}

const NO_LOGIN =
  "Every login gets this, unless the API says it only of an empty one: see that BACKEND_ORIGIN has the right host, that the ALB's listener has a rule for that host and path, and that BACKEND_PATHS names the path of the login."

/** The origin that a Location leads to, where its host is not the backend's. */
function otherHost(location: string | undefined, { BACKEND_ORIGIN }: Config): string | undefined {
  if (location === undefined || !URL.canParse(location, BACKEND_ORIGIN)) return undefined
  const { hostname, origin } = new URL(location, BACKEND_ORIGIN)
  return hostname === BACKEND_ORIGIN.hostname ? undefined : origin
}

/** What each address does with the question that a login over a reused connection asks (docs/decisions/0006). */
async function checkContinue(
  config: Config,
  target: Target,
  addresses: readonly string[],
): Promise<Finding[]> {
  const check = '100-continue'
  if (config.REPLAY === 'off') return [{ check, result: 'skipped', says: 'since REPLAY is off' }]
  const { host } = config.BACKEND_ORIGIN
  const path = loginPathOf(config)
  return Promise.all(
    addresses.map(async address => {
      const reaction = await probe(address, { target, host, path, timeoutMs: STEP_MS })
      const says = `${address} ${describeReaction(reaction)}`
      // an answer without 100 is what Go, uvicorn and Jetty give; nothing has to be done about it
      if (reaction.does === 'continues' || (reaction.does === 'answers' && reaction.status !== 417))
        return { check, result: 'ok', says }
      const todo =
        'No login is lost or executed twice by that, but each takes a new connection: see what stands between (a proxy, WAF) and why it does not take Expect: 100-continue. REPLAY=off asks no more, and then a login that meets the close of an idle connection fails.'
      return { check, result: 'warning', says, todo }
    }),
  )
}

/** `Date` has whole seconds, so half of one is what it says on average. */
function ofClock({ headers, atMs }: Heard): Finding {
  const check = 'clock'
  const theirs = Date.parse(headers.date ?? '') + 500
  if (Number.isNaN(theirs)) return { check, result: 'skipped', says: 'since the backend sends no Date' }
  const ahead = atMs - theirs
  if (Math.abs(ahead) < 1500)
    return { check, result: 'ok', says: "the same as the backend's, to about a second" }
  const says = `${took(Math.abs(ahead))} ${ahead > 0 ? 'ahead of' : 'behind'} the backend's`
  if (Math.abs(ahead) <= CLOCK_MS) return { check, result: 'ok', says }
  return {
    check,
    result: 'warning',
    says,
    todo: 'Certificates and cookies end by the clock: see which of the two is wrong, and set it by NTP (169.254.169.123 in AWS).',
  }
}
