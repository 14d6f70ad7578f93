import type { Directive } from './parse.ts'
import { type Scope, serverNames } from './scope.ts'

const TO_HTTPS = /^https:\/\/(\$(?:host|server_name|http_host)|[\w.-]+)\$request_uri\??$/

/** Whether it sends a visitor to the same address by https, and not to the host of somebody else: a login by SSO, a newer site. */
export function isOwnByHttps(url: string, [, server = []]: Scope): boolean {
  const host = TO_HTTPS.exec(url)?.[1]
  return host !== undefined && (host.startsWith('$') || serverNames(server).includes(host))
}

/** `rewrite ^(.*)$ https://$host$1 permanent`, of every path. */
const EVERY_PATH = /^(\^|\^?(\(\/?\.\*\)|\/\??\(\.\*\)|\/?\.\*)\$?)$/

/** Where a directive sends all that comes to it. */
export function urlOf({ name, args: [first = '', second = ''] }: Directive): string {
  if (name === 'return') return second || first
  return name === 'rewrite' && EVERY_PATH.test(first) ? second.replace(/\/?\$1$/, '$request_uri') : ''
}

export const isToHttps = (directive: Directive, scope: Scope) => isOwnByHttps(urlOf(directive), scope)

/** The listener's; of several names Nginx may have sent all to one. */
export function httpsRule(url: string, [, server = []]: Scope): string {
  const [, host = ''] = TO_HTTPS.exec(url) ?? []
  const names = serverNames(server)
  const name = host === '$server_name' ? names[0] : host
  const to = names.length > 1 && /^[\w-]+(\.[\w-]+)+$/.test(name ?? '') ? name : '#{host}'
  return `HTTP:80 → redirect to HTTPS://${to}:443/#{path}?#{query}, 301`
}
