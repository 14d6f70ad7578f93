import type { Request } from './requests.ts'

type Known = {
  /** a row's first cell in docs/from-nginx.md */
  readonly reason: string
  /** the difference, as `compare.ts` has it */
  readonly line: RegExp
  /** which requests; any where it is absent */
  readonly asked?: (request: Request) => boolean
}

const FOREIGN = 'https://other.example'
const hasOrigin = (headers: readonly string[], origin: string) => headers.includes(`Origin: ${origin}`)

/** What is not as under Nginx, on purpose. */
export const KNOWN: readonly Known[] = [
  {
    reason: 'X-Forwarded-For, -Proto, -Host, -Port, X-Real-IP and X-Request-Id are always sent',
    line: /^API's x-(forwarded-(for|proto|host|port)|real-ip|request-id): none, here /,
  },
  {
    reason: 'X-Forwarded-For is the value that was received, with the address of its sender appended',
    line: /^API's x-forwarded-for: (.*), here 203\.0\.113\.7(, 10\.0\.0\.9)?, 127\.0\.0\.1$/,
  },
  {
    reason: 'X-Real-IP is the address of the client, not of the load balancer',
    line: /^API's x-real-ip: 127\.0\.0\.1, here 203\.0\.113\.7$/,
  },
  {
    reason: 'X-Forwarded-Proto is the scheme that the client came by, not that of the listener',
    line: /^API's x-forwarded-proto: http, here https$/,
  },
  {
    reason:
      'X-Forwarded-Prefix, X-Original-URL, Forwarded, Proxy and their like are dropped, but for those of the route itself',
    line: /^API's (x-forwarded-prefix|x-original-url|forwarded|proxy): .*, here none$/,
  },
  {
    reason: 'A path stays byte for byte: escapes, repeated slashes, dot segments, a lone ?',
    line: /^(target: |status: 400, here 200|answered by: none, here (api|reports))/,
    asked: ({ target }) => /%|\/\/|\/\.{1,2}\/|\?$/.test(target),
  },
  {
    reason: 'The query string is always sent along',
    line: /./,
    asked: ({ target }) => /^\/plain\/.*\?./.test(target),
  },
  {
    reason:
      "A path below a location's path is sent as it is, even where Nginx sent all of them to one fixed path",
    line: /^target: \/user\/session/,
    asked: ({ target }) => target.startsWith('/user/session/'),
  },
  {
    reason: 'A path ends at a ; as well',
    line: /./,
    asked: ({ target }) => /^[^?]*;v=1\//.test(target),
  },
  {
    reason: 'A path that servers read in different ways gets 400, and so does any odd one of a login',
    line: /^(status: 200, here 400|answered by: (api|page|reports|realtime), here none)$/,
    asked: ({ target }) => /%2f|%5c|%6[148]|\/\.{1,2}\//i.test(target),
  },
  {
    reason: 'A path that would reach a login by another route gets 400',
    line: /^(status: 200, here 400|answered by: api, here none)$/,
    asked: ({ target }) => /^\/(raw\/user\/login|api\/user\/login\/)/.test(target),
  },
  {
    reason: 'A path of a route ends at a /, and has its own path and all below it',
    line: /^(status: 301, here 200|answer(ed by|'s x-who): |target: |answer's location: )/,
    asked: ({ target }) => /^\/(apis|api|graphql|api\/v1)(\?|$)/.test(target),
  },
  {
    reason: "A login from another site's page gets 403",
    line: /^(status: 200, here 403|answered by: api, here none)$/,
    asked: ({ method, target, headers }) =>
      method === 'POST' && target.startsWith('/user/login') && hasOrigin(headers, FOREIGN),
  },
  {
    reason: "A WebSocket from another site's page gets 403",
    line: /^(status: 101, here 403|answered by: \w+, here none|the rest of the body: there and back, here none)$/,
    asked: ({ socket, headers }) => socket === true && hasOrigin(headers, FOREIGN),
  },
  {
    reason: 'A host that is not in PUBLIC_ORIGIN gets 421 from a route that keeps the Host',
    line: /^(status: 200, here 421|answered by: (api|realtime), here none)$/,
    asked: ({ headers }) => headers.some(each => each === 'Host: other.example'),
  },
  {
    reason:
      "A response header of a route is set on errors, too, and takes the place of the API's own, but for Set-Cookie, Vary, Link and WWW-Authenticate",
    line: /^answer's x-(frame-options: none, here DENY|powered-by: echo \| gateway, here gateway)$/,
  },
  {
    reason: "A Location on the API's own host becomes a path of the site",
    line: /^answer's location: http:\/\/(127\.0\.0\.1|www\.dev\.jp):\d+\/.*, here \/.*$/,
    asked: ({ target }) => target.includes('location=http://127.0.0.1:'),
  },
  {
    reason: 'A Location that is a path alone is one of the API, and becomes that of the site',
    line: /^answer's location: (\/.*), here \/.+\1$/,
    asked: ({ target }) => !/^\/(sso|user)\//.test(target),
  },
]

/** Why they differ in this line; undefined where nobody knows. */
export const reasonFor = (request: Request, line: string): string | undefined =>
  KNOWN.find(each => each.line.test(line) && (each.asked?.(request) ?? true))?.reason
