import type { Notes } from './finding.ts'
import type { Location } from './locations.ts'
import type { Directive } from './parse.ts'
import { effective, inText, named } from './scope.ts'
import { locationFor } from './search.ts'
import type { SortedServer } from './sort-locations.ts'

/** As HSTS takes it. */
const VALUE = /^max-age=\d{1,10}( *; *(includeSubDomains|preload))*$/i

const isOfHsts = ({ args: [name = ''] }: Directive) => name.toLowerCase() === 'strict-transport-security'

/**
 * `add_header Strict-Transport-Security`, where `/` has it, and all locations that have it agree: a browser keeps it for the host, whatever
 * the path. One for `/admin` alone would be kept by the few who come there.
 */
export function setHsts({ scope, locations, backends, pages }: SortedServer, notes: Notes): void {
  const scopes = [...pages.map(({ scope }) => scope), ...backends.map(({ location }) => location.scope)]
  const all = scopes.flatMap(scope => effective(scope, 'add_header').filter(isOfHsts))
  const [first] = all
  const value = first?.args[1]?.replace(/;\s*$/, '') ?? ''
  const atRoot = effective(rootOf(locations, pages)?.scope ?? scope, 'add_header').some(isOfHsts)
  if (first && atRoot && VALUE.test(value) && all.every(({ args }) => args[1] === first.args[1]))
    notes.set('HSTS', value, first)
}

/** Where the pages' `/` is: a location of that path, or the named one that it falls back to. */
function rootOf(locations: readonly Location[], pages: readonly Location[]): Location | undefined {
  const root = locationFor('/', locations)
  const fallback = named(root?.directive.block ?? [], 'try_files')[0]?.args.at(-1)
  return pages.find(each => each === root || each.path === fallback)
}

/** Whether a directive has become HSTS, or offers HTTP/3 where the public ALB has none. */
export function isOfEnd(directive: Directive, { env, about, texts }: Notes): boolean {
  const isOffer = directive.args[0]?.toLowerCase() === 'alt-svc'
  if (isOffer) about(directive, inText(directive))('look', texts.listen.quic)
  return isOffer || (env.has('HSTS') && isOfHsts(directive))
}
