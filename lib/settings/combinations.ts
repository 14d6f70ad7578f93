import { isIPv4 } from 'node:net'
import { bare, has, LOGIN_PATH, shownPlace } from './routes.ts'
import type { Config } from './schema.ts'
import type { Words } from './words.ts'

type Check = {
  /** what it compares: where one of these has a mistake of its own, there is nothing to compare */
  readonly about: readonly (keyof Config)[]
  readonly find: (config: Config, file: string | undefined) => Words | undefined | readonly Words[]
}

const CHECKS: readonly Check[] = [
  { about: ['LOGIN_PATHS', 'BACKEND_PATHS', 'routes'], find: strayLogins },
  { about: ['LOGIN_PATHS', 'BACKEND_PATHS', 'LOGIN_LIMIT', 'LOGIN_LIMIT_ACCOUNT'], find: limitOfNothing },
  { about: ['PORT', 'ADMIN_PORT', 'EGRESS_PORT'], find: ports },
  { about: ['ADMIN_HOST', 'ADMIN_TOKEN'], find: admin },
  { about: ['CLIENT_ADDRESS_HEADER', 'CLIENT_ADDRESS_PROOF'], find: clientAddress },
  { about: ['PUBLIC_ORIGIN', 'routes'], find: clientHost },
  { about: ['CALLBACK_PATHS', 'LOGIN_PATHS', 'BACKEND_PATHS', 'routes'], find: callbackPaths },
  { about: ['HEALTH_PREFIX', 'BACKEND_PATHS', 'routes'], find: healthPaths },
]

/**
 * The mistakes of settings that are valid each, and are not together.
 * @param wrong what has mistakes of its own; `config` has its default
 * @param file which has the routes; undefined where BACKEND_PATHS has them
 */
export const combinationMistakes = (
  config: Config,
  wrong: readonly PropertyKey[],
  file: string | undefined,
): Words[] =>
  CHECKS.filter(({ about }) => !about.some(each => wrong.includes(each)))
    .flatMap(({ find }) => find(config, file))
    .filter(each => each !== undefined)

function strayLogins({ routes, LOGIN_PATHS }: Config, file = 'BACKEND_PATHS'): Words[] {
  const at = (path: string) => routes.filter(each => bare(each.path) === path)
  return LOGIN_PATHS.filter(path => !at(path).some(({ kind }) => kind === 'login')).map(path =>
    at(path).length > 0
      ? {
          en: `LOGIN_PATHS names ${path}, and its route has kind: 'api'; accepted: one of the two`,
          ja: `LOGIN_PATHS に ${path} がありますが、そのルートは kind: 'api' です。どちらか一方にしてください`,
        }
      : {
          en: `LOGIN_PATHS names ${path}; accepted: paths that ${file} has, and what is below them`,
          ja: `LOGIN_PATHS に ${path} があります。${file} にあるパス、またはその配下を指定してください`,
        },
  )
}

/** Which of several paths is the login would be a guess. */
function limitOfNothing(config: Config, file: string | undefined): Words | undefined {
  const { LOGIN_LIMIT, LOGIN_LIMIT_ACCOUNT, LOGIN_PATHS, BACKEND_PATHS: paths } = config
  const isLimited = LOGIN_LIMIT !== null || LOGIN_LIMIT_ACCOUNT !== null
  const isClear = LOGIN_PATHS.length > 0 || paths.length === 1 || paths.includes(LOGIN_PATH)
  if (file !== undefined || !isLimited || isClear) return undefined
  const all = JSON.stringify(paths.join(','))
  return {
    en: `LOGIN_PATHS is not set, and BACKEND_PATHS is ${all}; accepted: set LOGIN_PATHS to the paths whose failed logins LOGIN_LIMIT and LOGIN_LIMIT_ACCOUNT count`,
    ja: `LOGIN_PATHS が設定されていません。BACKEND_PATHS は ${all} です。LOGIN_LIMIT と LOGIN_LIMIT_ACCOUNT で数えるパスを LOGIN_PATHS に指定してください`,
  }
}

function ports({ PORT, ADMIN_PORT, EGRESS_PORT }: Config): Words | undefined {
  const taken = [PORT, ADMIN_PORT, EGRESS_PORT].filter(each => each !== 0)
  if (new Set(taken).size === taken.length) return undefined
  return {
    en: `PORT, ADMIN_PORT and EGRESS_PORT are ${PORT}, ${ADMIN_PORT} and ${EGRESS_PORT}; accepted: three different ports`,
    ja: `PORT、ADMIN_PORT、EGRESS_PORT が ${PORT}、${ADMIN_PORT}、${EGRESS_PORT} です。3 つとも異なるポートにしてください`,
  }
}

/** What the admin listener tells is not for everybody who can reach the task. */
function admin({ ADMIN_HOST: host, ADMIN_TOKEN: token }: Config): Words | undefined {
  if (token !== null || isLoopback(host)) return undefined
  return {
    en: `ADMIN_HOST is ${JSON.stringify(host)}, and ADMIN_TOKEN is not set; accepted: both, with a token of 32 characters or more from a secret (openssl rand -hex 32), or ADMIN_HOST=127.0.0.1`,
    ja: `ADMIN_HOST が ${JSON.stringify(host)} なのに、ADMIN_TOKEN が設定されていません。32 文字以上のトークン（openssl rand -hex 32）をシークレットで渡すか、ADMIN_HOST=127.0.0.1 にしてください`,
  }
}

const isLoopback = (host: string) =>
  /^(localhost|::1)$/i.test(host) || (isIPv4(host) && host.startsWith('127.'))

/** A header that anybody can send names no client. */
function clientAddress(config: Config): Words | undefined {
  const { CLIENT_ADDRESS_HEADER: header, CLIENT_ADDRESS_PROOF: proof } = config
  if (header !== '' && proof === null)
    return {
      en: `CLIENT_ADDRESS_HEADER is ${JSON.stringify(header)}, and CLIENT_ADDRESS_PROOF is not set; accepted with it: a header with a secret that the CDN adds (X-Origin-Verify: …), or network where nobody but the CDN can reach the load balancer`,
      ja: `CLIENT_ADDRESS_HEADER が ${JSON.stringify(header)} なのに、CLIENT_ADDRESS_PROOF が設定されていません。CDN が付けるヘッダーとシークレット（X-Origin-Verify: …）、またはロードバランサーに到達できるのが CDN だけなら network を設定してください`,
    }
  if (header === '' && proof !== null)
    return {
      en: 'CLIENT_ADDRESS_PROOF is set, and CLIENT_ADDRESS_HEADER is not; accepted: both, or none',
      ja: 'CLIENT_ADDRESS_PROOF が設定されているのに、CLIENT_ADDRESS_HEADER が設定されていません。両方を設定するか、両方とも外してください',
    }
  if (proof !== null && proof !== 'network' && proof.some(({ name }) => name === header))
    return {
      en: `CLIENT_ADDRESS_PROOF has its secret in ${header}, which is CLIENT_ADDRESS_HEADER; accepted: another header`,
      ja: `CLIENT_ADDRESS_PROOF のシークレットのヘッダーが、CLIENT_ADDRESS_HEADER と同じ ${header} です。別のヘッダーにしてください`,
    }
  return undefined
}

function callbackPaths({ CALLBACK_PATHS, routes }: Config): Words[] {
  return CALLBACK_PATHS.flatMap(path => {
    const is = `CALLBACK_PATHS has ${JSON.stringify(path)}`
    const ga = `CALLBACK_PATHS に ${JSON.stringify(path)} があります`
    if (!routes.some(each => has(each, path)))
      return {
        en: `${is}; accepted: paths that are in BACKEND_PATHS, or below one of them (pages have no cross-site check)`,
        ja: `${ga}。BACKEND_PATHS のパス、またはその配下を指定してください（ページにクロスサイト検査はありません）`,
      }
    if (routes.some(each => each.kind === 'login' && path === each.path))
      return {
        en: `${is}, which is the path of a login; accepted: other paths. With this one, any site could log a visitor in as somebody else`,
        ja: `${ga}が、ログインのパスです。別のパスを指定してください。このままでは、どのサイトからでも訪問者を別人としてログインさせられます`,
      }
    return []
  })
}

/** Each request of such a route would get 421. */
function clientHost({ PUBLIC_ORIGIN, routes }: Config): Words | undefined {
  const keeping = routes.find(({ host }) => host === 'client')
  if (PUBLIC_ORIGIN.length > 0 || !keeping) return undefined
  const path = shownPlace(keeping)
  return {
    en: `PUBLIC_ORIGIN is not set, and the route ${path} has host: 'client'; accepted: set PUBLIC_ORIGIN to the origins by which visitors reach this site. No other Host is passed on to the API`,
    ja: `PUBLIC_ORIGIN が設定されていないのに、ルート ${path} が host: 'client' です。訪問者がこのサイトへのアクセスに使うオリジンを PUBLIC_ORIGIN に指定してください。それ以外の Host は API に渡しません`,
  }
}

/** The front answers there itself. */
function healthPaths({ HEALTH_PREFIX: prefix, routes }: Config): Words[] {
  return [`${prefix}/healthz`, `${prefix}/readyz`]
    .filter(path => routes.some(each => each.path === path))
    .map(path => ({
      en: `${path} is the path of a route, and of a health check; accepted: another one, by HEALTH_PREFIX`,
      ja: `${path} が、ルートとヘルスチェックの両方のパスです。HEALTH_PREFIX でヘルスチェックのパスを変えてください`,
    }))
}
