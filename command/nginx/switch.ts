import { CONDITION, holds } from './bots.ts'
import type { Directive } from './parse.ts'
import { named } from './scope.ts'
import { placesOf } from './target.ts'
import { asksWho, conditionOf, type Place } from './who.ts'

/** A switch for maintenance is no guard: the file is there, or not, whoever asks. */
const FILE_TEST = /^\(?!?-[fdex] /

/** More are no switch. */
const MOST_VALUES = 32

const isOfFile = (directive: Directive, place: Place) =>
  FILE_TEST.test(conditionOf(directive)) && !asksWho(conditionOf(directive), place)

/**
 * Whether an `if` is such a switch, by a variable too: `set $off 0; if (-f /off) { set $off 1; } if ($off) { return 503; }`. It is one where
 * the condition holds for no value that the variable has without the file, for whatever client.
 * @param before what Nginx does before it
 */
export function isSwitch(directive: Directive, before: readonly Directive[], place: Place): boolean {
  if (isOfFile(directive, place)) return true
  const [, name = '', operator = '', text = ''] = CONDITION.exec(conditionOf(directive)) ?? []
  let values = ['']
  let isSwitched = false
  for (const each of before) {
    if (each.name.includes('set') && each.args[0] === `$${name}`) {
      if (each.name !== 'set') return false
      values = madeOf(each)
    }
    const sets = each.name === 'if' ? named(each.block ?? [], 'set') : []
    for (const set of sets.filter(({ args }) => args[0] === `$${name}`)) {
      if (isOfFile(each, place)) isSwitched = true
      else values = [...new Set([...values, ...madeOf(set)])]
    }
    if (values.length > MOST_VALUES) return false
  }
  return isSwitched && values.every(each => !each.includes('$') && holds(each, operator, text) === false)

  function madeOf({ args: [, made = ''] }: Directive) {
    return values.map(each => made.replace(placesOf(name), each))
  }
}
