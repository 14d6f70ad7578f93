import { CONDITION, holds, isOfBrowsers } from './bots.ts'
import type { Directive } from './parse.ts'
import { formsOf, literalStart, startsOf } from './pattern.ts'
import { effective, mapOf, named, type Scope } from './scope.ts'
import { placesOf } from './target.ts'

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

/** Whether a condition depends on who is asking, for what comes to a place. */
export const asksWho = (condition: string, place: Place): boolean =>
  !isElsewhere(condition, place) && dependsOnWho(condition, place.scope, new Set())

/** Whether a text is made of a cookie, an address, whatever `geo` has made of them. `map` and `set` are followed. */
function dependsOnWho(text: string, scope: Scope, asked: Set<string>): boolean {
  // to be one program that is let in, a client says its name
  if (isOfBrowsers(text, scope)) return true
  const [, compared] = CONDITION.exec(text) ?? []
  return [...text.matchAll(/\$\{?(\w+)/g)].some(([, name = '']) => {
    // a key in the query says who
    if (name === 'request_uri' && /\w=/.test(text)) return true
    // in a map of a map, or with something else, it is not followed
    if (name === 'http_user_agent' && name !== compared) return true
    if (WHAT.test(name) || asked.has(name)) return false
    const sources = OF_ROOT.has(name) ? rootsAt(scope) : sourcesOf(name, scope, text)
    return sources.length === 0 || sources.some(each => dependsOnWho(each, scope, asked.add(name)))
  })
}

/** Whether a condition holds for no path of a place: `$request_uri ~ ^/index\.php\?p=`, or by a `map` of redirects. */
function isElsewhere(condition: string, place: Place): boolean {
  const [, name = '', operator = '', text = ''] = CONDITION.exec(condition) ?? []
  const isOther = (how: string, what: string) =>
    !mayFit(how === '=' ? `^${what.replace(/\?.*/, '').replaceAll('.', '\\.')}$` : what, place)
  if (name === 'request_uri') return /^(=|~\*?)$/.test(operator) && isOther(operator, text)
  const { args: [of] = [], block = [] } = mapOf(name, place.scope) ?? {}
  const usual = named(block, 'default')[0]?.args[0] ?? ''
  return (
    of === '$request_uri' &&
    named(block, 'include').length === 0 &&
    holds(usual, operator, text) === false &&
    block.every(({ name: key, args: [value = ''] }) => {
      const [, how = '=', what = ''] = /^(~\*?)?([\s\S]*)$/.exec(key) ?? []
      return !(/\w=/.test(key) || value.includes('$')) || isOther(how, what)
    })
  )
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

/** Characters of a text, times those of the value that takes a variable's place in it: more is not followed. */
const LONGEST = 100_000

/** What the variables of a file's path are made of, beside the path that is asked for. */
const OF_ROOT = new Set(['document_root', 'realpath_root', 'request_filename'])
const rootsAt = (scope: Scope): readonly string[] => [
  '',
  ...['root', 'alias'].flatMap(name => effective(scope, name)).map(({ args }) => args[0] ?? ''),
]

/**
 * What a variable is made of by `map` and `set`, with the conditions under which it is; empty where something else makes it.
 * @param text where it stands: the value of a `set` takes its place
 */
function sourcesOf(name: string, scope: Scope, text: string): readonly string[] {
  const map = mapOf(name, scope)
  const [of = ''] = map?.args ?? []
  const values = (map?.block ?? []).flatMap(({ name, args }) => [name, args[0]])
  // isOfBrowsers has looked at that
  const isJudged = of === '$http_user_agent' && CONDITION.exec(text)?.[1] === name
  const ofMap = map ? [[isJudged ? '' : of, ...values].join(' ')] : []
  const isSet = (each: Directive) => each.name.startsWith('set') && each.args[0] === `$${name}`
  const own = scope.slice(1).flat()
  const sets = own.flatMap(each => (isSet(each) ? each : (each.block ?? []).filter(isSet)))
  // set_by_lua and the like; values of values may double at each step
  const isTooLong = ({ length }: string) => length * text.length > LONGEST
  if (sets.some(({ name, args: [, value = ''] }) => name !== 'set' || isTooLong(value))) return []
  const around = own.filter(each => each.name === 'if' && each.block?.some(isSet))
  const made = sets.map(({ args: [, value = ''] }) => text.replace(placesOf(name), () => value))
  return [...ofMap, ...made, ...around.map(conditionOf)]
}
