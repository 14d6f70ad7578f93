import { HTTPS_RULE } from './answers.ts'
import type { Notes } from './finding.ts'
import type { Directive } from './parse.ts'
import { READ, remarkFor } from './remarks.ts'
import { named } from './scope.ts'
import type { SortedServer } from './sort-locations.ts'

const READ_NAMES = new Set<string>(READ)
const STRUCTURE = new Set(['http', 'server', 'if', 'return'])
export const isDirective = (word: string): boolean =>
  remarkFor(word) !== undefined || READ_NAMES.has(word) || STRUCTURE.has(word)

/** A server that is not the one that is taken over. */
export function readOtherServer(directive: Directive, title: string, isChosen: boolean, notes: Notes): void {
  const texts = notes.texts.servers
  const [answer] = named(directive.block ?? [], 'return')
  const passes = named(directive.block ?? [], 'location').length > 0
  const server = texts.other(title)
  if (answer && !passes && /^https:/.test(answer.args.at(-1) ?? '')) {
    const becomes = { in: 'listener rule', rule: HTTPS_RULE } as const
    notes.note('lost', directive, texts.toHttps(server), 'server', becomes)
  } else if (answer && !passes) {
    const names = named(directive.block ?? [], 'server_name').flatMap(({ args }) => args)
    const becomes = {
      in: 'listener rule',
      rule: `host ${names.join(', ') || texts.notNamed} → ${answer.args.join(' ')}`,
    } as const
    notes.note('lost', directive, texts.answers(server), 'server', becomes)
  } else notes.note(isChosen ? 'look' : 'lost', directive, texts.leftOut(server), 'server')
}

/** Everything whose value becomes no setting. */
export function readOthers(top: readonly Directive[], sorted: SortedServer, notes: Notes): void {
  const { texts } = notes
  const levels = [top, ...sorted.scope, ...sorted.locations.map(each => each.directive.block ?? [])]
  const isCached = levels.flat().some(({ name, args }) => name === 'proxy_cache' && args[0] !== 'off')
  for (const directive of new Set(levels.flat())) {
    const { name, args } = directive
    if (STRUCTURE.has(name) || READ_NAMES.has(name) || isRewriteOfRoute(directive, sorted)) continue
    if (name.startsWith('proxy_cache') && !isCached) {
      notes.note('same', directive, texts.nothingKept)
      continue
    }
    if (name === 'include' && /mime\.types$/.test(args[0] ?? '')) {
      notes.note('same', directive, texts.types, shownWith(directive))
      continue
    }
    const [kind, key] = remarkFor(name) ?? (['lost'] as const)
    const remark = key === undefined ? texts.unknown : texts.remarks[key]
    const isTelling = ['set', 'upstream', 'include', 'map'].includes(name)
    notes.note(kind, directive, remark, isTelling ? shownWith(directive) : name)
  }
}

/** A location of an API whose rewrite can be no route says so itself. */
const isRewriteOfRoute = (directive: Directive, { backends }: SortedServer) =>
  directive.name === 'rewrite' &&
  backends.some(({ location }) => location.directive.block?.includes(directive))

const shownWith = ({ name, args }: Directive) => `${name} ${args[0] ?? ''}`
