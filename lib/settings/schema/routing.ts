import { host, parseOrigin, paths, port, setting } from '../kinds.ts'
import { parseToken } from '../secret.ts'

/** Which paths go to the API, and where the front and its inner listeners are. */
export const ROUTING = {
  BACKEND_ORIGIN: setting(
    {
      initial: '',
      accepts: 'where the API is, without a path: https://api.dev.jp or https://api.dev.jp:8443',
      meaning: 'origin of the API, the upstream: `https://api.dev.jp`, any port. Must be set',
    },
    parseOrigin,
  ),
  BACKEND_PATHS: setting(
    {
      initial: '/user/login',
      accepts: 'paths such as /user/login, comma separated, without a query, dots or a slash at the end',
      meaning:
        'paths that are proxied to the API, each with everything below it, at a segment boundary; comma separated',
    },
    paths,
  ),
  LOGIN_PATHS: setting(
    {
      initial: '',
      accepts: 'paths such as /user/login, comma separated, each one of BACKEND_PATHS or below one',
      meaning:
        'paths of logins, each with everything below it: they get the strict path check, the cross-site (CSRF) check and the rate limits for logins. Empty: `/user/login` where it is among `BACKEND_PATHS`, else the first of them',
    },
    text => (text === '' ? Object.freeze([]) : paths(text)),
  ),
  HOST: host('0.0.0.0', 'address that the public listener binds'),
  PORT: port('4000', 'port of the public listener'),
  HEALTH_PREFIX: setting(
    {
      initial: '',
      accepts: 'a path such as /_gatehouse, without a slash at the end',
      meaning:
        'prefix of `/healthz` (liveness) and `/readyz` (readiness), for an app that has such pages itself: `/_gatehouse`. Empty: none',
    },
    text => (/^((\/[\w~-][\w.~-]*)+)?$/.test(text) ? text : undefined),
  ),
  ADMIN_HOST: host(
    '127.0.0.1',
    'address that the admin listener (health, state, metrics) binds; another one than loopback needs ADMIN_TOKEN. It is never reachable through the public listener',
  ),
  ADMIN_TOKEN: setting<Buffer | null>(
    {
      initial: '',
      accepts:
        '32 to 256 letters, digits and - . _ ~ + / (and = at the end), from a secret; `openssl rand -hex 32` makes one',
      meaning:
        'token without which the admin listener answers nothing but health: as `Authorization: Bearer …`, or as the password of HTTP Basic with any user name. Empty: it asks for none, and ADMIN_HOST must be loopback',
    },
    parseToken,
  ),
  ADMIN_PORT: port('4001', 'port of the admin listener'),
  EGRESS_PORT: port(
    '4002',
    'port, on loopback only, at which pages reach the API; they find it in `BACKEND_URL`',
  ),
}
