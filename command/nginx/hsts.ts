import type { Notes } from './finding.ts'
import type { Directive } from './parse.ts'
import { effective } from './scope.ts'
import type { SortedServer } from './sort-locations.ts'

/** As HSTS takes it. */
const VALUE = /^max-age=\d{1,10}( *; *(includeSubDomains|preload))*$/i

const isOfHsts = ({ args: [name = ''] }: Directive) => name.toLowerCase() === 'strict-transport-security'

/** `add_header Strict-Transport-Security`, where all locations that have it agree: a browser keeps it for the host, whatever the path. */
export function setHsts({ backends, pages }: SortedServer, notes: Notes): void {
  const scopes = [...pages.map(({ scope }) => scope), ...backends.map(({ location }) => location.scope)]
  const all = scopes.flatMap(scope => effective(scope, 'add_header').filter(isOfHsts))
  const [first] = all
  const value = first?.args[1]?.replace(/;\s*$/, '') ?? ''
  if (first && VALUE.test(value) && all.every(({ args }) => args[1] === first.args[1]))
    notes.set('HSTS', value, first)
}

/** Whether a directive has become HSTS. */
export const isHsts = (directive: Directive, { env }: Notes): boolean =>
  env.has('HSTS') && isOfHsts(directive)
