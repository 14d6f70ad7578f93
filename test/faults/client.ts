import { randomUUID } from 'node:crypto'
import http from 'node:http'
import { openLoop } from '../../testing/open-loop.ts'

/** One login as its client saw it. Times in ms, monotonic. */
export type Login = {
  readonly id: string
  /** when it was meant to be sent: a client that is late because something hangs counts the wait as well */
  readonly dueAt: number
  doneAt: number
  /** its status; or what went wrong where it got none, or no whole answer */
  outcome: number | string
  /** the front's own error, where it answered with one */
  error?: { code: string; retry: boolean }
  /** whether an error said what the login carried */
  leaked?: true
}

export type Client = {
  readonly logins: readonly Login[]
  /** Resolves at a moment when no login is under way; those due meanwhile are sent a moment later. */
  quiet(): Promise<void>
  /** Ends the load, and resolves when the last login has its outcome. */
  stop(): Promise<void>
}

/** The outcome of a login that got another one's answer. */
export const MIXED_UP = "somebody else's answer"

const LOGIN = '/user/login'
/** Nobody waits longer for a login, in ms. */
export const PATIENCE_MS = 5000
/** What a login carries and no log, metric, error or state may hold (docs/rules.md, 8). */
export const SECRETS = ['himitsu-no-kotoba', 'cookie-of-taro', 'token-of-taro', 'query-of-taro'] as const
const [PASSWORD, COOKIE, TOKEN, QUERY] = SECRETS
const BODY = JSON.stringify({ name: 'taro', password: PASSWORD })

/**
 * Logs in at a steady rate, whether or not earlier logins have been answered (open loop), each with an id of its own.
 * @param port says where each login goes
 */
export function startClient(port: () => number, perSecond: number, path = LOGIN): Client {
  const agent = new http.Agent({ keepAlive: true })
  const logins: Login[] = []
  const { quiet, stop } = openLoop(perSecond, dueAt => {
    const login: Login = { id: randomUUID(), dueAt, doneAt: 0, outcome: 'pending' }
    logins.push(login)
    return logIn(login, { port: port(), path, agent })
  })
  return {
    logins,
    quiet,
    async stop() {
      await stop()
      agent.destroy()
    },
  }
}

type Sent = { doneAt: number; outcome: number | string }

/**
 * Sends a request, and resolves when it has its outcome; one that takes longer than anybody waits has given up.
 * @param send calls `done` with the outcome
 */
export function untilDone(
  sent: Sent,
  patienceMs: number,
  send: (done: (outcome: number | string) => void) => http.ClientRequest,
): Promise<void> {
  return new Promise(resolve => {
    const done = (outcome: number | string) => {
      clearTimeout(patience)
      if (sent.doneAt === 0) Object.assign(sent, { outcome, doneAt: performance.now() })
      resolve()
    }
    const request = send(done).once('error', error => done(error.message))
    const patience = setTimeout(() => {
      done('gave up')
      request.destroy()
    }, patienceMs)
  })
}

type Way = { readonly port: number; readonly path: string; readonly agent: http.Agent }

function logIn(login: Login, { port, path, agent }: Way): Promise<void> {
  return untilDone(login, PATIENCE_MS, done => {
    const headers = {
      'Content-Type': 'application/json',
      'Content-Length': BODY.length,
      'X-Login-Id': login.id,
      Cookie: `session=${COOKIE}`,
      Authorization: `Bearer ${TOKEN}`,
    }
    const to = { host: '127.0.0.1', port, path: `${path}?q=${QUERY}`, method: 'POST' }
    return http.request({ ...to, agent, headers }, response => readOutcome(login, response, done)).end(BODY)
  })
}

/** Reads an answer to its end, and says what came of its login. */
export function readOutcome(
  login: Login,
  answer: http.IncomingMessage,
  done: (outcome: number | string) => void,
): void {
  let text = ''
  answer.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  // a cut answer ends in an error, too; what counts is whether it came whole
  answer.on('error', () => {})
  answer.once('close', () => done(answer.complete ? read(login, answer.statusCode ?? 0, text) : 'cut off'))
}

/** The outcome of a whole answer; one that belongs to another login is none. */
function read(login: Login, status: number, text: string): number | string {
  const body = parse(text)
  // a load balancer's own error, before the front
  if (body === undefined && status !== 200) return status
  if (typeof body !== 'object' || body === null) return 'not understood'
  if (status === 200) return 'id' in body && body.id === login.id ? 200 : MIXED_UP
  if (SECRETS.some(each => text.includes(each))) login.leaked = true
  const error = 'error' in body ? body.error : undefined
  if (typeof error === 'object' && error && 'code' in error && 'retry' in error) {
    login.error = { code: String(error.code), retry: error.retry === true }
  }
  return status
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
