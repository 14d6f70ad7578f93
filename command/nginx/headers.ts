import type { Notes } from './finding.ts'
import type { Backend, Place } from './place.ts'
import { effective } from './scope.ts'
import { expand } from './target.ts'

const ALWAYS = new Set([
  'x-real-ip',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-request-id',
])
/** What a client asked for, in Nginx's variables. */
const CLIENTS_HOST = /^\$(host|http_host|server_name)(:\$\w+)?$/

/** `proxy_set_header`, for the backend and for the pages. */
export function readHeaders({ backends, pages }: Place, notes: Notes): void {
  for (const backend of backends) readForBackend(backend, notes)
  for (const { scope } of pages) {
    for (const directive of effective(scope, 'proxy_set_header')) {
      const [name = ''] = directive.args
      const key = name.toLowerCase()
      if (isUpgrade(key, directive.args[1])) noteUpgrade(directive, notes)
      else if (ALWAYS.has(key) || ['host', 'x-forwarded-for', 'connection'].includes(key))
        notes.note('same', directive, 'pages get it', shown(name))
      else
        notes.note('none', directive, 'nothing is added to a request for a page; proxy.ts may', shown(name))
    }
  }
}

const shown = (name: string) => `proxy_set_header ${name}`
const isUpgrade = (key: string, value = '') =>
  key === 'upgrade' || (key === 'connection' && /upgrade/i.test(value))

function noteUpgrade(directive: Parameters<Notes['note']>[1], notes: Notes) {
  const words = 'there are no WebSockets in production; Next has none'
  notes.note('none', directive, words, shown(directive.args[0] ?? ''))
}

function readForBackend({ location, target }: Backend, notes: Notes) {
  const directives = effective(location.scope, 'proxy_set_header')
  const { host, hostname } = new URL(target.origin)
  for (const directive of directives) {
    const [name = '', written = ''] = directive.args
    const value = expand(written, location.scope)
    const key = name.toLowerCase()
    const say = (kind: 'same' | 'look' | 'none', words: string) =>
      notes.note(kind, directive, words, shown(name))
    if (isUpgrade(key, value)) noteUpgrade(directive, notes)
    else if (key === 'host' && [host, hostname].includes(value === '$proxy_host' ? target.host : value))
      say('same', 'always')
    else if (key === 'host')
      say(
        'look',
        `the API gets its own name, ${host}, in Host${CLIENTS_HOST.test(value) ? '; the one that the client asked for is in X-Forwarded-Host' : ''}`,
      )
    else if (key === 'x-forwarded-for' && value !== '$proxy_add_x_forwarded_for')
      say('look', 'it is appended to where TRUSTED_PROXIES has the sender, and replaced elsewhere')
    else if (key === 'x-real-ip' && effective(location.scope, 'set_real_ip_from').length === 0)
      say(
        'look',
        'Nginx sent the address of the public ALB; it is that of the client, as X-Forwarded-For has it',
      )
    else if (key === 'x-forwarded-for' || ALWAYS.has(key) || key === 'connection') say('same', 'always')
    else say('none', 'the front adds nothing to a login; the API, or whoever calls it, has to do without')
  }
  const hasHost = directives.some(each => each.args[0]?.toLowerCase() === 'host')
  if (!hasHost && ![host, hostname].includes(target.host)) {
    const words = `Nginx sent Host: ${target.host}; the API gets its own name, ${host}`
    notes.note('look', location.directive, words, `location ${location.path}`)
  }
}
