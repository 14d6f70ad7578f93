import http from 'node:http'
import { chooseLanguage, weightsIn } from '../http/accept.ts'
import { describeError } from '../http/errors.ts'
import type { Log } from '../log.ts'
import { watchEvents } from '../observe/events.ts'
import { answerHealth } from '../observe/health.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { Observed } from '../observe/observed.ts'
import { createFeed } from './feed.ts'
import { mayRead } from './may-read.ts'
import { createPageFiles, PAGE_HEADERS } from './page.ts'
import { stateOf } from './state.ts'
import { CHALLENGES, createTokenCheck, type Denial } from './token.ts'

type Parts = Observed & { readonly metrics: Metrics; readonly log: Log }

type Found = { readonly type: string; readonly text: string; readonly gzip?: Buffer }

const NOT_BY_THIS_NAME: Found = {
  type: 'text/plain; charset=utf-8',
  text: 'Ask by an IP address, localhost or the name in ADMIN_HOST, and from no page of another site.\n',
}

const DENIED: { readonly [reason in Denial['reason']]: string } = {
  missing: 'The token in ADMIN_TOKEN is needed: as Authorization: Bearer, or in a browser as the password.\n',
  wrong: 'This is not the token in ADMIN_TOKEN.\n',
  limited: 'Too many wrong tokens from this address: wait a minute.\n',
}

/** Of the descriptors that the front keeps for itself (lib/front/descriptors.ts): whoever reaches this listener takes none from logins. */
const MOST_CONNECTIONS = 32
const HEADERS_MS = 10_000

/**
 * The admin listener: health, `/metrics`, the state as JSON at `/state`, and the status page at `/`, which is the state
 * as well for whoever does not ask for HTML. With ADMIN_TOKEN all but health is for those who send it. What happens is noted from
 * now on. It is not listening yet.
 */
export function createAdmin(parts: Parts) {
  const { config, lifecycle, log } = parts
  const feed = createFeed({ ...parts, events: watchEvents(parts) })
  const find = createFinder(parts)
  const check = createTokenCheck(config.ADMIN_TOKEN)
  const server = http.createServer({ headersTimeout: HEADERS_MS }, async (req, res) => {
    try {
      if (answerHealth(req, res, lifecycle)) return
      const denial = await check(req)
      if (denial) return deny(req, res, denial, parts)
      if (req.method !== 'GET' && req.method !== 'HEAD') return answer(req, res, 404)
      if (!mayRead(req, config)) return answer(req, res, 404, NOT_BY_THIS_NAME)
      if (req.url === '/events') return feed.open(req, res)
      const found = await find(req)
      answer(req, res, found ? 200 : 404, found)
    } catch (error) {
      // whatever is wrong here, logins go on
      log.error(
        { path: req.url?.split('?', 1)[0], cause: describeError(error) },
        'a request to the admin listener failed',
      )
      answer(req, res, 500)
    }
  })
  server.maxConnections = MOST_CONNECTIONS
  return {
    server,
    /** Listens no more, and ends the streams of events, which would end with their pages alone. */
    close() {
      feed.end()
      server.close()
    },
  }
}

function deny(
  req: http.IncomingMessage,
  res: http.ServerResponse,
  { reason, retryAfterSeconds }: Denial,
  { log, metrics }: Parts,
) {
  metrics.denied(reason)
  // of each address no more than ten a minute
  if (reason === 'wrong')
    log.warn({ client: req.socket.remoteAddress }, 'a wrong token was sent to the admin listener')
  if (retryAfterSeconds === undefined) res.setHeader('WWW-Authenticate', CHALLENGES)
  else res.setHeader('Retry-After', retryAfterSeconds)
  answer(req, res, retryAfterSeconds === undefined ? 401 : 429, {
    type: 'text/plain; charset=utf-8',
    text: DENIED[reason],
  })
}

function answer(req: http.IncomingMessage, res: http.ServerResponse, status: number, found?: Found) {
  const takesGzip = (weightsIn(String(req.headers['accept-encoding'])).get('gzip') ?? 0) > 0
  const compressed = takesGzip ? found?.gzip : undefined
  const body = compressed ?? found?.text ?? ''
  res.writeHead(status, {
    'Content-Type': found?.type ?? 'text/plain; charset=utf-8',
    ...(compressed && { 'Content-Encoding': 'gzip' }),
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    Vary: 'Accept, Accept-Encoding, Accept-Language',
    ...PAGE_HEADERS,
  })
  res.end(req.method === 'HEAD' ? undefined : body)
}

/** What is said in several languages is in English for programs: a replacer of JSON.stringify. */
const inEnglish = (_key: string, value: unknown) =>
  typeof value === 'object' && value !== null && 'en' in value && 'ja' in value ? value.en : value

function createFinder(parts: Parts) {
  const { metrics } = parts
  const findFile = createPageFiles()
  return async ({ url = '', headers }: http.IncomingMessage): Promise<Found | undefined> => {
    if (url === '/metrics') return metrics.read(headers.accept)
    const isState = url === '/state' || (url === '/' && !/\btext\/html\b/i.test(headers.accept ?? ''))
    if (isState) {
      const text = `${JSON.stringify(stateOf(parts), inEnglish, 2)}\n`
      return { type: 'application/json; charset=utf-8', text }
    }
    return findFile(url, chooseLanguage(headers['accept-language']))
  }
}
