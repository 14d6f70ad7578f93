import { isOfBrowsers } from './bots.ts'
import type { Directive } from './parse.ts'
import { formsOf, literalStart, startsOf } from './pattern.ts'
import { effective, mapOf, named, type Scope } from './scope.ts'

/** A location, as far as it matters who comes to it; without a path, any. */
export type Place = { readonly scope: Scope; readonly modifier?: string; readonly path?: string }

/** What an `if` asks for, as text. */
export const conditionOf = ({ args }: Directive) =>
  args
    .join(' ')
    .replace(/^\(\s*/, '')
    .replace(/\s*\)$/, '')

/** Variables that say what is asked for, and how; any other may say who is asking. */
const WHAT =
  /^(request_(method|uri|length)|scheme|https|ssl_(protocol|cipher|server_name)|host|hostname|server_\w+|uri|document_uri|is_args|http_(host|user_agent|accept\w*|upgrade|connection|\w+_forwarded_(proto(col)?|scheme|ssl|host|port)|x_(url_)?scheme|front_end_https|cf_visitor)|content_\w+|time_\w+|date_\w+|msec)$/

/** Whether a text depends on who is asking: a cookie, an address, whatever `geo` has made of them. `map` and `set` are followed. */
export function asksWho(text: string, place: Place, asked = new Set<string>()): boolean {
  const { scope } = place
  // to be one program that is let in, a client says its name
  if (isOfBrowsers(text, scope)) return true
  return [...text.matchAll(/\$\{?(\w+)/g)].some(([, name = '']) => {
    // a key in the query says who
    if (name === 'request_uri' && /\w=/.test(text) && mayBeAsked(text, place)) return true
    if (WHAT.test(name) || asked.has(name)) return false
    const sources = OF_ROOT.has(name) ? rootsAt(scope) : sourcesOf(name, scope)
    return sources.length === 0 || sources.some(each => asksWho(each, place, asked.add(name)))
  })
}

/** Whether `$request_uri ~ ^/index\.php\?p=` or `$request_uri = /?p=1` can hold for what comes to a place. */
function mayBeAsked(text: string, place: Place): boolean {
  const [, operator, pattern = ''] = /^\$request_uri (~\*?|=) (.*)$/.exec(text) ?? []
  if (operator === '=') return mayFit(`^${pattern.replace(/\?.*/, '').replaceAll('.', '\\.')}$`, place)
  return operator === undefined || mayFit(pattern, place)
}

/** Whether a regular expression can fit a path of a place. */
export function mayFit(pattern: string, { modifier = '', path = '' }: Place): boolean {
  const small = (text: string) => text.toLowerCase()
  const places = modifier.startsWith('~') ? startsOf(path) : [modifier === '@' ? '' : path]
  // `^/list/?$` has two paths
  const forms = formsOf(pattern).flatMap(each =>
    each.endsWith('/?$') ? [`${each.slice(0, -3)}$`, `${each.slice(0, -3)}/$`] : each,
  )
  return forms.some(form => {
    const start = small(literalStart(form))
    const isWhole = small(form.replaceAll('\\', '')) === `^${start}$`
    return places.map(small).some(each => {
      if (modifier === '=') return isWhole ? each === start : each.startsWith(start)
      return start.startsWith(each) || (!isWhole && each.startsWith(start))
    })
  })
}

/** What the variables of a file's path are made of, beside the path that is asked for. */
const OF_ROOT = new Set(['document_root', 'realpath_root', 'request_filename'])
const rootsAt = (scope: Scope): readonly string[] => [
  '',
  ...['root', 'alias'].flatMap(name => effective(scope, name)).map(({ args }) => args[0] ?? ''),
]

/** What a variable is made of by `map` and `set`, with the conditions under which it is; empty where something else makes it. */
function sourcesOf(name: string, scope: Scope): readonly string[] {
  const map = mapOf(name, scope)
  const ofMap = map ? [map, ...(map.block ?? [])].flatMap(({ args }) => args[0] ?? []) : []
  const [of = ''] = ofMap
  // each key is a condition
  const keys = /\$\{?request_uri/.test(of) ? (map?.block ?? []) : []
  const asked = keys.map(({ name }) => `${of} ${name.replace(/^(~\*?)?/, found => `${found || '='} `)}`)
  const isSet = (each: Directive) => each.name.startsWith('set') && each.args[0] === `$${name}`
  const own = scope.slice(1).flat()
  const sets = own.flatMap(each => (isSet(each) ? each : named(each.block ?? [], 'set').filter(isSet)))
  // set_by_lua and the like
  if (sets.some(each => each.name !== 'set')) return []
  const around = own.filter(each => each.name === 'if' && each.block?.some(isSet))
  return [...ofMap, ...asked, ...sets.flatMap(({ args }) => args[1] ?? []), ...around.map(conditionOf)]
}
