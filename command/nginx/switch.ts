import { CONDITION, holds } from './bots.ts'
import type { Directive } from './parse.ts'
import { BUILT_IN, endsLevel, mayLeave, named } from './scope.ts'
import { placesOf } from './target.ts'
import { asksWho, conditionOf, type Place } from './who.ts'

/** A switch for maintenance is no guard: the file is there, or not, whoever asks. */
const FILE_TEST = /^\(?!?-[fdex] /
/** What a browser sends before it asks the API from another site: docs of CORS answer it by such an `if`. */
const PREFLIGHT = /^\$request_method = OPTIONS$/

/** More, or longer ones, are no switch. */
const MOST_VALUES = 32
const LONGEST_VALUE = 200

/**
 * Whether an `if` is such a switch, or answers preflights alone, by a variable too: `set $off 0; if (-f /off) { set $off 1; } if ($off) { return
 * 503; }`. It is one where the condition holds for no value that the variable has without the file, for whatever client.
 * @param own what Nginx does before it at its level
 */
export function isSwitch(directive: Directive, own: readonly Directive[], place: Place): boolean {
  const [http = [], server = []] = place.scope
  const { block = [] } = directive
  const refuses = named(block, 'return').some(({ args: [status = ''] }) => /^[45]/.test(status))
  const isCause = (each: Directive) => {
    const condition = conditionOf(each)
    return FILE_TEST.test(condition)
      ? !asksWho(condition, place)
      : // who refuses them keeps other sites from the API
        !refuses && PREFLIGHT.test(condition)
  }
  if (isCause(directive)) return true
  const [, name = '', operator = '', text = ''] = CONDITION.exec(conditionOf(directive)) ?? []
  const isOfIt = ({ name: by, args }: Directive) => by.includes('set') && args[0] === `$${name}`
  // some requests may leave the server's level before its last `set`
  const isPart = server.includes(directive) || server.some(each => endsLevel(each) || mayLeave(each))
  // before a `set` that is for all, it has a value of a map, or none
  let values = ['$']
  let isSwitched = false
  for (const each of isPart ? own : [...server, ...own]) {
    const isIf = each.name === 'if'
    for (const set of (isIf ? (each.block ?? []) : [each]).filter(isOfIt)) {
      if (set.name !== 'set') return false
      const [, made = ''] = set.args
      const results = values.map(value => made.replace(placesOf(name), () => value))
      if (!isIf) values = results
      else if (isCause(each)) isSwitched = true
      else values = [...new Set([...values, ...results])]
      if (values.length > MOST_VALUES || values.some(({ length }) => length > LONGEST_VALUE)) return false
    }
  }
  return (
    isSwitched &&
    !BUILT_IN.has(`$${name}`) &&
    values.every(each => !each.includes('$') && holds(each, operator, text) === false) &&
    !isCaptured(name, http)
  )
}

/** Whether a regular expression anywhere gives a variable what it has found: `(?<name>…)`, also of a `map` or a `location`. */
const isCaptured = (variable: string, directives: readonly Directive[]): boolean =>
  directives.some(
    ({ name, args, block = [] }) =>
      [name, ...args].some(each => new RegExp(`[<']${variable}[>']`, 'i').test(each)) ||
      isCaptured(variable, block),
  )
