import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { z } from 'zod'
import { createAccounts, type NewAccount, type SignIn } from './accounts.ts'

export type Api = {
  handler: RequestListener
  /** How often a login was executed (its body had arrived whole), by the X-Login-Id it carried; the last 100,000. */
  logins: ReadonlyMap<string, number>
}

export type ApiOptions = {
  /** scrypt's N, 2 ** 14 if left out. */
  scryptCost?: number
  accounts?: NewAccount[]
  /** What a form login's Location begins with; only a path if left out. */
  origin?: string
  /** the `Domain` of its cookies; none if left out */
  cookieDomain?: string
}

type Context = { request: IncomingMessage; response: ServerResponse }
type Route = Partial<Record<string, (context: Context) => void | Promise<void>>>

const Credentials = z.object({ name: z.string().min(1).max(128), password: z.string().min(1).max(1024) })
const MAX_BODY = 64 * 1024
const KEPT_LOGINS = 100_000

/** The API behind the ALB: logging in by JSON or by a plain form, who am I, logging out. */
export function createApi(options: ApiOptions = {}): Api {
  const { scryptCost = 2 ** 14, origin = '', cookieDomain } = options
  const domain = cookieDomain === undefined ? '' : `; Domain=${cookieDomain}`
  const accounts = createAccounts(options.accounts ?? [], scryptCost)
  const logins = new Map<string, number>()

  const routes = new Map<string, Route>([
    ['/user/login', { POST: login }],
    [
      '/user/login/ping',
      reading(({ response, request }) => json(response, 200, { node: request.socket.localAddress })),
    ],
    ['/user/me', reading(me)],
    ['/user/logout', { POST: logout }],
  ])

  async function handle(context: Context) {
    const { request, response } = context
    response.setHeader('Cache-Control', 'no-store')
    const route = routes.get(request.url?.split('?')[0] ?? '')
    const run = route?.[request.method ?? '']
    if (run) return run(context)
    if (!route) return json(response, 404, { error: 'not-found' })
    response.setHeader('Allow', Object.keys(route).join(', '))
    json(response, 405, { error: 'method' })
  }

  async function login({ request, response }: Context) {
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
    const form = type === 'application/x-www-form-urlencoded'
    // a script that sends a form looks at the status: `fetch` would follow a redirect
    const isPage = form && /\btext\/html\b/.test(request.headers.accept ?? '')
    if (!form && type !== 'application/json') return json(response, 415, { error: 'media-type' })
    const body = await readBody(request)
    if (body === undefined) return json(response, 413, { error: 'too-large' })
    count(request.headers['x-login-id'])

    const credentials = Credentials.safeParse(parse(body, form))
    if (!credentials.success) {
      if (isPage) return redirect(response, '/login?error=form')
      return json(response, 400, { error: 'form' })
    }
    const result = await accounts.signIn(credentials.data.name, credentials.data.password)
    if (result.outcome === 'signed-in') {
      const secure = request.headers['x-forwarded-proto'] === 'https' ? '; Secure' : ''
      response.setHeader('Set-Cookie', [
        `session=${result.token}; Path=/; HttpOnly; SameSite=Lax${domain}${secure}`,
        `signed_in=1; Path=/; SameSite=Lax${domain}`,
      ])
    }
    if (isPage)
      redirect(response, result.outcome === 'signed-in' ? '/account' : `/login?error=${result.outcome}`)
    else answer(response, result)
  }

  function redirect(response: ServerResponse, path: string) {
    response.writeHead(303, { Location: origin + path, 'Content-Length': 0 }).end()
  }

  function me({ request, response }: Context) {
    const session = accounts.session(sessionToken(request))
    if (session) json(response, 200, session)
    else json(response, 401, { error: 'credentials' })
  }

  function logout({ request, response }: Context) {
    accounts.signOut(sessionToken(request))
    response.setHeader('Set-Cookie', [
      `session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0${domain}`,
      `signed_in=; Path=/; SameSite=Lax; Max-Age=0${domain}`,
    ])
    response.writeHead(204).end()
  }

  function count(id: string | string[] | undefined) {
    if (typeof id !== 'string') return
    logins.set(id, (logins.get(id) ?? 0) + 1)
    if (logins.size <= KEPT_LOGINS) return
    const [oldest] = logins.keys()
    if (oldest !== undefined) logins.delete(oldest)
  }

  return {
    logins,
    handler(request, response) {
      handle({ request, response }).catch(error => {
        // The client went away, in the middle of its body or since: there is no one to answer to.
        if (request.socket.destroyed) return
        console.error(error)
        if (response.headersSent) response.destroy()
        else json(response, 500, { error: 'internal' })
      })
    },
  }
}

function answer(response: ServerResponse, result: SignIn) {
  switch (result.outcome) {
    case 'signed-in':
      return json(response, 200, result.account)
    case 'credentials':
      return json(response, 401, { error: 'credentials' })
    case 'locked':
      response.setHeader('Retry-After', result.seconds)
      return json(response, 429, { error: 'locked' })
  }
}

function reading(run: (context: Context) => void): Route {
  return { GET: run, HEAD: run }
}

function json(response: ServerResponse, status: number, value: unknown) {
  const body = JSON.stringify(value)
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  })
  response.end(body)
}

/** The body, or undefined where it is larger than MAX_BODY; throws when the client goes away before its end. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  // Read to its end even when too large: a client that is still sending does not see an answer on a closed connection.
  for await (const chunk of request) {
    size += chunk.length
    if (size <= MAX_BODY) chunks.push(chunk)
    else chunks.length = 0
  }
  return size <= MAX_BODY ? Buffer.concat(chunks) : undefined
}

function parse(body: Buffer, form: boolean): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body)
    return form ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text)
  } catch {
    return undefined
  }
}

function sessionToken(request: IncomingMessage): string {
  const pairs = request.headers.cookie?.split(';') ?? []
  return (
    pairs
      .map(pair => pair.trim())
      .find(pair => pair.startsWith('session='))
      ?.slice('session='.length) ?? ''
  )
}
