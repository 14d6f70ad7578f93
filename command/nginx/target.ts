import { isIP } from 'node:net'
import type { Texts } from './english.ts'
import type { Directive } from './parse.ts'
import { effective, mayLeave, named, type Scope } from './scope.ts'

/** Where a `proxy_pass` leads. */
export type Target = {
  /** `https://api.dev.jp`, as BACKEND_ORIGIN takes it */
  readonly origin: string
  /** others of the same `upstream`, which lead elsewhere */
  readonly further: readonly string[]
  /** the host or the `upstream`, as `proxy_pass` names it */
  readonly named: string
  /** what Nginx sends as Host unless told otherwise */
  readonly host: string
  /** what stands behind the origin; empty where the request's own path is sent */
  readonly uri: string
  /** with a variable in it, `uri` is sent as it is: nothing of the request's path is appended */
  readonly variable: boolean
  /** the `resolver` that Nginx asked for the name; absent where it asked the system, at the start alone, and for an address nobody */
  readonly resolver?: Directive
  readonly isAddress: boolean
}

const VARIABLE = /\$(?:\{(\w+)\}|(\w+))/g
const MOST_STEPS = 10
/** Nginx takes no word that is longer (NGX_CONF_BUFFER); each step may double a text. */
const LONGEST = 4096
const PASS = /^(https?):\/\/([^/?$]+)(.*)$/i

/**
 * Follows variables (`set`) and `upstream` blocks.
 * @returns the reason where it cannot be told from the file
 */
export function targetOf(pass: Directive, scope: Scope, texts: Texts['target']): Target | string {
  const [written = ''] = pass.args
  const text = expand(written, scope)
  const [, scheme = '', host = '', uri = ''] = PASS.exec(text) ?? []
  if (/^https?:\/\/unix:/i.test(text)) return texts.socket
  // `https://api.dev.jp:$port`: the name goes on in the variable
  if (host === '' || (uri.startsWith('$') && /[:.-]$/.test(host))) {
    const unknown = [...text.matchAll(VARIABLE)].map(([all]) => all).join(', ')
    return unknown === '' ? texts.noOrigin(text) : texts.notSet(unknown)
  }
  const upstream = upstreamOf(host, scope)
  const byLua = upstream?.find(({ name }) => name.startsWith('balancer_by_lua'))
  if (byLua) return texts.notSet(byLua.name)
  const servers = upstream && serversOf(upstream)
  const origins = servers?.map(addressOf) ?? [host]
  if (origins.some(each => each.startsWith('unix:'))) return texts.socket
  const [first, ...further] = [...new Set(origins.map(each => originOf(scheme, each)))]
  if (first === undefined || !URL.canParse(first)) return texts.noOrigin(first ?? text)
  // an upstream may have one of its own
  const [resolver] = effective(upstream ? [...scope, upstream] : scope, 'resolver')
  const isAddress = [first, ...further].every(each =>
    isIP(URL.parse(each)?.hostname.replace(/^\[|]$/g, '') ?? ''),
  )
  const isResolved = servers?.some(({ args }) => args.includes('resolve')) ?? written.includes('$')
  return {
    origin: first,
    further,
    named: host,
    host: host.replace(/:(80|443)$/, ''),
    uri,
    variable: written.includes('$'),
    isAddress,
    ...(resolver && isResolved && !isAddress && { resolver }),
  }
}

/** Where a text has a variable. */
export const placesOf = (name: string) => new RegExp(`\\$(\\{${name}\\}|${name}\\b)`, 'g')

/** With each `$name` and `${name}` that a `set` explains replaced by its value; others stay, written `$name`. */
export function expand(text: string, scope: Scope): string {
  let expanded = text
  for (let step = 0; step < MOST_STEPS; step++) {
    const before = expanded
    expanded = before.replace(VARIABLE, (_all, braced?: string, bare?: string) => {
      const name = braced ?? bare ?? ''
      return valueFor(name, scope) ?? `$${name}`
    })
    if (expanded === before || expanded.length > LONGEST) break
  }
  return expanded
}

/** The last `set` in the innermost place; none where the variable has another value for some requests. */
function valueFor(name: string, scope: Scope): string | undefined {
  for (const level of scope.toReversed()) {
    const at = level.findLastIndex(each => each.name === 'set' && each.args[0] === `$${name}`)
    if (level.slice(at + 1).some(each => mayMake(name, each))) return undefined
    // who has left before comes to no `set`
    if (at >= 0) return level.slice(0, at).some(mayLeave) ? undefined : (level[at]?.args[1] ?? '')
  }
  return undefined
}

/** Whether a directive gives a variable another value, for some requests at least: `set_by_lua`, or an `if` with a `set` or a named group. */
const mayMake = (name: string, { name: by, args, block = [] }: Directive): boolean =>
  by === 'if'
    ? args.join(' ').toLowerCase().includes(`<${name}>`) || block.some(each => mayMake(name, each))
    : by.includes('set') && args[0] === `$${name}`

/** `host:port` of a `server` of an upstream; without a port that is 80, for https as well. */
const addressOf = ({ args: [address = ''] }: Directive) => (/:\d+$/.test(address) ? address : `${address}:80`)

/** What is in the `upstream` of a name; ngx_http_upstream_add asks with ngx_strncasecmp. */
const upstreamOf = (host: string, [http = []]: Scope) =>
  named(http, 'upstream').find(each => each.args[0]?.toLowerCase() === host.toLowerCase())?.block

/** Each `server` of an upstream that gets requests. */
const serversOf = (upstream: readonly Directive[]) =>
  named(upstream, 'server').filter(({ args }) => !args.includes('down') && !args.includes('backup'))

function originOf(scheme: string, host: string): string {
  const text = `${scheme}://${host}`
  return URL.parse(text)?.origin ?? text
}
