import { randomUUID } from 'node:crypto'
import http from 'node:http'

/** How a login is sent without a browser. */
export type LoginRequest = {
  /** `/user/login` if left out. */
  path?: string
  /** What is sent, by name; the account's `name` and `password` if left out. */
  fields?: Readonly<Record<string, string>>
  /** `json` if left out; `form` as a plain HTML form sends it. */
  as?: 'json' | 'form'
  /** Whether an answer is a login; if left out: 2xx, or a redirect with a cookie. */
  isLoggedIn?: (answer: LoginAnswer) => boolean
}

export type LoginAnswer = {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
}

/** One login as its client saw it. */
export type Login = {
  /** Its X-Request-Id, by which logs and the balancer know it. */
  readonly id: string
  /** In epoch milliseconds. */
  readonly at: number
  readonly ms: number
  readonly isLoggedIn: boolean
  readonly answer?: LoginAnswer
  /** Why there is no answer. */
  readonly error?: string
}

export const LOGIN_PATH = '/user/login'
/** As long as a person would wait, in ms. */
const PATIENCE_MS = 20_000

/** Logs in once over a connection of the agent. Never rejects. */
export async function logInByRequest(
  url: string,
  agent: http.Agent,
  { path = LOGIN_PATH, fields = {}, as = 'json', isLoggedIn = answeredWell }: LoginRequest,
): Promise<Login> {
  const id = randomUUID()
  const at = Date.now()
  const startedAt = performance.now()
  const body = as === 'json' ? JSON.stringify(fields) : new URLSearchParams(fields).toString()
  const type = as === 'json' ? 'application/json' : 'application/x-www-form-urlencoded'
  const headers = { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), 'X-Request-Id': id }
  const took = () => ({ id, at, ms: Math.round(performance.now() - startedAt) })
  try {
    const answer = await send(new URL(path, url), agent, headers, body)
    return { ...took(), isLoggedIn: isLoggedIn(answer), answer }
  } catch (error) {
    return { ...took(), isLoggedIn: false, error: error instanceof Error ? error.message : String(error) }
  }
}

function send(
  url: URL,
  agent: http.Agent,
  headers: http.OutgoingHttpHeaders,
  body: string,
): Promise<LoginAnswer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    const request = http.request(url, { method: 'POST', agent, headers, signal }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.once('error', reject)
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      )
    })
    request.once('error', error =>
      reject(signal.aborted ? new Error(`no answer within ${PATIENCE_MS / 1000} s`) : error),
    )
    request.end(body)
  })
}

function answeredWell({ status, headers }: LoginAnswer): boolean {
  return (
    (status >= 200 && status < 300) || (status >= 300 && status < 400 && headers['set-cookie'] !== undefined)
  )
}
