const PROXIES = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'] as const
const EGRESS = '127.0.0.1'

/**
 * What pages need beside BACKEND_URL where the environment names a proxy for the way out of the network: axios, and Node's own
 * fetch with NODE_USE_ENV_PROXY, would ask it for egress, which is on its own loopback.
 */
export function noProxy(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  if (!PROXIES.some(each => env[each])) return {}
  const { NO_PROXY, no_proxy } = env
  return { NO_PROXY: withEgress(NO_PROXY || no_proxy), no_proxy: withEgress(no_proxy || NO_PROXY) }
}

function withEgress(names = ''): string {
  const listed = names.split(/[\s,]+/).filter(each => each !== '')
  return listed.some(each => each === '*' || each === EGRESS) ? names : [...listed, EGRESS].join(',')
}
