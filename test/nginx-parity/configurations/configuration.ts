import type { Backends } from '../backends.ts'
import { ask, type Request } from '../requests.ts'

/** A configuration that is to be taken over whole, and what is asked of it beside what every API and page is asked. */
export type Configuration = {
  readonly name: string
  /** what stands in `http`; `PORT` is where it listens */
  readonly conf: (at: Backends) => string
  /** paths of APIs, which get all requests of `ofApi` */
  readonly apis: readonly string[]
  /** more requests */
  readonly more?: readonly Request[]
  readonly pages?: (at: Backends) => string
  readonly publicOrigins?: readonly string[]
  /** what a person puts into the environment: secrets are not printed */
  readonly secrets?: Readonly<Record<string, string>>
  /** nothing of the pages is left at / */
  readonly isCatchAll?: true
}

export const FORWARDED = `proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;`
export const SOCKET = `proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";`
export const MAP = `map $http_upgrade $connection_upgrade { default upgrade; '' close; }`

/** A server with the pages at /. */
export const site =
  (locations: Configuration['conf'], more = ''): Configuration['conf'] =>
  at =>
    `
  ${more}
  server {
    listen PORT;
    server_name www.dev.jp;
    location / { proxy_pass http://${at.pages}; proxy_set_header Host $host; ${FORWARDED} }
    ${locations(at)}
  }`

export const MB = 1024 ** 2
/** A query that is told apart from `ofApi`'s. */
export const get = (target: string, headers: readonly string[] = []) => ask('GET', target, headers)
