import { host, parseOrigin, paths, port, setting } from '../kinds.ts'

/** Which paths go to the API, and where the front and its inner listeners are. */
export const ROUTING = {
  BACKEND_ORIGIN: setting(
    {
      initial: '',
      accepts: 'where the API is, without a path: https://api.dev.jp or https://api.dev.jp:8443',
      meaning: 'where the API is: `https://api.dev.jp`, any port. Must be set',
    },
    parseOrigin,
  ),
  BACKEND_PATHS: setting(
    {
      initial: '/user/login',
      accepts: 'paths such as /user/login, comma separated, without a query, dots or a slash at the end',
      meaning: 'paths sent there, each with all below it, at a segment boundary; comma separated',
    },
    paths,
  ),
  LOGIN_PATHS: setting(
    {
      initial: '',
      accepts: 'paths such as /user/login, comma separated, each one of BACKEND_PATHS or below one',
      meaning:
        'paths where logins go, each with all below it: strict paths, cross-site check and login limits; empty: `/user/login` where it is among `BACKEND_PATHS`, else the first of them',
    },
    text => (text === '' ? Object.freeze([]) : paths(text)),
  ),
  HOST: host('0.0.0.0', "the front's listener: the address it binds"),
  PORT: port('4000', "the front's listener: its port"),
  HEALTH_PREFIX: setting(
    {
      initial: '',
      accepts: 'a path such as /_gatehouse, without a slash at the end',
      meaning:
        'what stands before `/healthz` and `/readyz`, for an app that has such pages itself: `/_gatehouse`; empty: nothing',
    },
    text => (/^((\/[\w~-][\w.~-]*)+)?$/.test(text) ? text : undefined),
  ),
  ADMIN_HOST: host(
    '127.0.0.1',
    'the admin listener (health and state), never reachable through the public one',
  ),
  ADMIN_PORT: port('4001', "the admin listener's port"),
  EGRESS_PORT: port('4002', 'loopback only: where pages reach the backend; they find it in `BACKEND_URL`'),
}
