import type { Becomes, Notes } from './finding.ts'
import { effective } from './scope.ts'
import type { Backend, SortedServer } from './sort-locations.ts'
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
export function readHeaders({ backends, pages }: SortedServer, notes: Notes): void {
  for (const backend of backends) readForBackend(backend, notes)
  for (const { scope } of pages) {
    for (const directive of effective(scope, 'proxy_set_header')) {
      const [name = ''] = directive.args
      const key = name.toLowerCase()
      if (isUpgrade(key, directive.args[1])) noteUpgrade(directive, notes)
      else if (key === 'x-forwarded-proto' && /^https?$/i.test(directive.args[1] ?? ''))
        notes.note(
          'lost',
          directive,
          `Nginx always said ${directive.args[1]}; pages get what the X-Forwarded-Proto of a sender in TRUSTED_PROXIES says, else http`,
          shown(name),
        )
      else if (ALWAYS.has(key) || ['host', 'x-forwarded-for', 'connection'].includes(key))
        notes.note('same', directive, 'pages get it', shown(name))
      else
        notes.note(
          'lost',
          directive,
          'it is not carried over: the front adds no header to a request for a page; proxy.ts of the app can',
          shown(name),
        )
    }
  }
}

const shown = (name: string) => `proxy_set_header ${name}`
const isUpgrade = (key: string, value = '') =>
  key === 'upgrade' || (key === 'connection' && /upgrade/i.test(value))

function noteUpgrade(directive: Parameters<Notes['note']>[1], notes: Notes) {
  const remark = 'Next has no WebSockets in production: a page needs no Upgrade'
  notes.note('look', directive, remark, shown(directive.args[0] ?? ''))
}

function readForBackend({ location, target }: Backend, notes: Notes) {
  const directives = effective(location.scope, 'proxy_set_header')
  const { host, hostname } = new URL(target.origin)
  const path = location.path.replace(/\/$/, '')
  for (const directive of directives) {
    const [name = '', written = ''] = directive.args
    const value = expand(written, location.scope)
    const key = name.toLowerCase()
    const say = (kind: 'same' | 'look' | 'lost', remark: string, becomes?: Becomes) =>
      notes.note(kind, directive, remark, shown(name), becomes)
    if (isUpgrade(key, value))
      say(
        'lost',
        `it is not carried over for ${path}: the front passes no WebSocket on to the API. A listener rule of the public ALB can lead ${path}/* to the API`,
        { in: 'route', path, field: 'upgrade', value: 'websocket' },
      )
    else if (key === 'host' && [host, hostname].includes(value === '$proxy_host' ? target.host : value))
      say('same', 'always')
    else if (key === 'host')
      say(
        'lost',
        `it is not carried over: the API gets its own name, ${host}, in Host, and Nginx sent ${CLIENTS_HOST.test(value) ? 'the one that the client asked for, which is in X-Forwarded-Host' : 'another'}`,
        { in: 'route', path, field: 'host', value: CLIENTS_HOST.test(value) ? 'client' : value },
      )
    else if (key === 'x-forwarded-proto' && /^https?$/i.test(value))
      say(
        'lost',
        `Nginx always said ${value}; the API gets what the X-Forwarded-Proto of a sender in TRUSTED_PROXIES says, else http`,
      )
    else if (key === 'x-forwarded-for' && value !== '$proxy_add_x_forwarded_for')
      say('look', 'it is appended to where TRUSTED_PROXIES has the sender, and replaced elsewhere')
    else if (key === 'x-real-ip' && effective(location.scope, 'set_real_ip_from').length === 0)
      say(
        'look',
        'Nginx sent the address of the public ALB; it is that of the client, as X-Forwarded-For has it',
      )
    else if (key === 'x-forwarded-for' || ALWAYS.has(key) || key === 'connection') say('same', 'always')
    else
      say('lost', 'it is not carried over: the front adds no header of its own to a request for the API', {
        in: 'route',
        path,
        field: 'headers',
        value: name,
      })
  }
  const hasHost = directives.some(each => each.args[0]?.toLowerCase() === 'host')
  if (!hasHost && ![host, hostname].includes(target.host)) {
    const remark = `Nginx sent Host: ${target.host}; the API gets its own name, ${host}`
    const becomes = { in: 'route', path, field: 'host', value: target.host } as const
    notes.note('lost', location.directive, remark, `location ${location.path}`, becomes)
  }
}
