/**
 * What `gatehouse.config.ts` exports by default:
 *
 *     import type { GatehouseConfig } from 'gatehouse'
 *     export default { routes: [{ path: '/user/login', to: 'https://api.dev.jp' }] } satisfies GatehouseConfig
 */
export type GatehouseConfig = {
  /** Which paths go to which API; what none of them takes goes to the pages. */
  readonly routes: readonly RouteConfig[]
  /**
   * APIs that only pages call, from the server side. `{ reports: 'https://reports.dev.jp' }` is reached by
   * `process.env.BACKEND_URL_REPORTS`.
   */
  readonly backends?: { readonly [name: string]: string }
}

/** What goes to one API. */
export type RouteConfig = {
  /**
   * `/api`: this path and what is below it, at a segment boundary. The longest path wins; `/` takes all but the pages in `except`.
   * `= /api`: that path alone, and before all others, as `location = /api` in Nginx.
   */
  readonly path: string
  /** The API's origin, `https://api.dev.jp`. With a path, `https://api.dev.jp/v1`, that path takes the place of `path`. */
  readonly to: string
  /** Paths below `path` that stay with the pages; `= /api/docs` is that path alone. */
  readonly except?: readonly string[]
  /** `login`: cross-site check, login limits and strict paths. By default `login` for LOGIN_PATHS and `/user/login`, else `api`. */
  readonly kind?: 'login' | 'api'
  /** The Host that the API gets: its origin's (`backend`, the default), the one that the client asked for (`client`), or a fixed name. */
  readonly host?: string
  /** The name in SNI and in the API's certificate, where it is not the origin's. */
  readonly serverName?: string
  /** Set on each request to the API, in place of the client's; an empty value removes the header. Values are never logged. */
  readonly headers?: { readonly [name: string]: string | undefined }
  /**
   * Set on each answer of the API, in place of the API's, and on the front's own errors; an empty value removes the header. `Set-Cookie`, `Vary`,
   * `Link` and `WWW-Authenticate` stand beside the API's.
   */
  readonly responseHeaders?: { readonly [name: string]: string | undefined }
  /** How long the API may be silent: `300s`. By default BACKEND_TIMEOUT. */
  readonly timeout?: string
  /** The largest request body, more than 0: `100mb`. By default MAX_BODY. */
  readonly maxBody?: string
  /** Whether WebSockets are passed on. By default they are for `api` routes, and never for `login` routes. */
  readonly upgrade?: boolean
}
