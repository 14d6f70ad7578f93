import type { Texts } from './english.ts'
import { effective, named, type Scope } from './scope.ts'

type Said = readonly [kind: 'same' | 'look' | 'lost', remark: string]

const ALB = /^\$(realip_)?remote_addr$/
const CHAIN = /^\$(http|proxy_add)_x_forwarded_for$/
/** What came, the address of who sent it, or both. */
const APPENDED = /^(\$http_x_forwarded_for)?(, ?)?(\$(realip_)?remote_addr)?$/
const HOST = /^\$(host|http_host|http_x_forwarded_host|server_name)(:\$\w+)?$/

/**
 * What becomes of a header that says who asks: the front writes it itself, from X-Forwarded-For or the header that CLIENT_ADDRESS_HEADER
 * names. Undefined for any other header.
 * @param value with each `set` followed
 */
export function sayForwarded(
  key: string,
  value: string,
  scope: Scope,
  texts: Texts['headers'],
): Said | undefined {
  const other = (): Said => ['lost', value.includes('$') ? texts.ofAnotherHeader(value) : texts.own]
  switch (key) {
    case 'x-real-ip':
      if (CHAIN.test(value)) return ['look', texts.realIpAlone]
      if (!ALB.test(value)) return other()
      return value === '$remote_addr' && effective(scope, 'set_real_ip_from').length > 0
        ? ['same', texts.always]
        : ['look', texts.realIp]
    case 'x-forwarded-for':
      if (value === '$proxy_add_x_forwarded_for') return ['same', texts.always]
      return APPENDED.test(value) ? ['look', texts.forwardedFor] : other()
    case 'x-forwarded-host':
      return HOST.test(value) || isAsSent(value, key, scope) ? ['same', texts.always] : ['lost', texts.own]
    case 'x-request-id':
      return value === '$request_id' || isAsSent(value, key, scope)
        ? ['same', texts.always]
        : ['lost', texts.own]
    default:
      return undefined
  }
}

/** Whether a value is what came in a header, or what a map makes where nothing came. */
export function isAsSent(value: string, key: string, [http = []]: Scope): boolean {
  const variable = `$http_${key.replaceAll('-', '_')}`
  if (value === variable) return true
  const map = named(http, 'map').find(({ args }) => args[0] === variable && args[1] === value)
  return (
    map?.block?.every(({ name, args: [text = ''] }) =>
      [variable, '$scheme', '$host', '$http_host', '$request_id', name].includes(text),
    ) ?? false
  )
}
