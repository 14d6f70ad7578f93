import { ConfigError, readConfig } from '../../lib/config.ts'
import { readNginxFile } from './files.ts'
import { createNotes, type Finding, type Notes } from './finding.ts'
import { readHeaders } from './headers.ts'
import { portsOf, readListen } from './listen.ts'
import type { Directive } from './parse.ts'
import { type Place, sortLocations } from './place.ts'
import { named } from './scope.ts'
import { readSettings } from './settings.ts'
import { readTls } from './tls.ts'
import { READ, wordsFor } from './words.ts'

export type Reading = {
  /** the environment for Gatehouse, in the order of its settings */
  readonly env: Readonly<Record<string, string>>
  readonly findings: readonly Finding[]
  /** why the environment is not enough; empty where Gatehouse starts with it */
  readonly missing: readonly string[]
}

const READ_NAMES = new Set<string>(READ)
const STRUCTURE = new Set(['http', 'server'])
const isDirective = (word: string) =>
  wordsFor(word) !== undefined || READ_NAMES.has(word) || STRUCTURE.has(word)
const ORDER = [
  'BACKEND_ORIGIN',
  'BACKEND_PATHS',
  'HOST',
  'PORT',
  'DNS_SERVERS',
  'DNS_MAX_TTL',
  'DNS_FAMILY',
  'CONNECT_TIMEOUT',
  'BACKEND_TIMEOUT',
  'MAX_BODY',
  'REPLAY',
  'TRUSTED_PROXIES',
  'NODE_EXTRA_CA_CERTS',
]

/**
 * Reads a configuration of Nginx as one for Gatehouse.
 * @param which the `server` that is meant: a port that it listens at, or a name of it
 * @param fill puts values into a template's text, as envsubst does
 * @throws NginxSyntaxError; what reading the file throws
 */
export function readNginx(path: string, which?: string, fill?: (text: string) => string): Reading {
  const top = readNginxFile(path, isDirective, fill)
  const http = top.flatMap(each => (each.name === 'http' ? (each.block ?? []) : each))
  const servers = named(http, 'server')
  // a file that is included in a server has locations alone
  const all = servers.length > 0 ? servers.map(serverOf) : [{ directive: undefined, block: http }]
  const read = all.map(server => {
    const notes = createNotes()
    return { ...server, notes, place: sortLocations(server.block, http, notes) }
  })
  const meant = which === undefined ? read : read.filter(({ block }) => answersTo(block, which))
  const withBackend = meant.filter(({ place }) => place.backends.length > 0)
  const chosen = withBackend[0] ?? meant[0]
  if (!chosen) return { env: {}, findings: [], missing: [`no server listens at or is called ${which}`] }

  const { notes, place, block } = chosen
  readListen(block, notes)
  readSettings(place, notes)
  readHeaders(place, notes)
  readTls(place, notes)
  for (const other of read) {
    if (other !== chosen && other.directive)
      notes.note('look', other.directive, `another server${titleOf(other.block)}: left out`)
  }
  readOthers(http === top ? [] : top, http, place, notes)

  const env = Object.fromEntries(ORDER.flatMap(name => pairs(name, notes.env.get(name))))
  const missing = mistakesIn(env)
  if (place.untaken.length > 0)
    missing.push(`BACKEND_PATHS has to be said by hand for ${place.untaken.join(' and ')}`)
  if (place.backends.length === 0) missing.push('no location was found that leads to the API')
  if (withBackend.length > 1)
    missing.push(
      `several servers lead to an API; say which is meant with --server: ${withBackend.map(each => titleOf(each.block).trim()).join(', ')}`,
    )
  return { env, findings: notes.findings, missing }
}

const serverOf = (directive: Directive) => ({ directive, block: directive.block ?? [] })
const pairs = (name: string, value: string | undefined) => (value === undefined ? [] : [[name, value]])

const namesOf = (server: readonly Directive[]) => named(server, 'server_name').flatMap(each => each.args)
const answersTo = (server: readonly Directive[], which: string) =>
  portsOf(server).includes(which) || namesOf(server).includes(which)
const titleOf = (server: readonly Directive[]) =>
  ` (${[...new Set(portsOf(server).map(port => `port ${port}`)), ...namesOf(server)].join(', ')})`

/** Everything whose value becomes no setting. */
function readOthers(top: readonly Directive[], _http: readonly Directive[], place: Place, notes: Notes) {
  const levels = [top, ...place.scope, ...place.locations.map(each => each.directive.block ?? [])]
  for (const directive of new Set(levels.flat())) {
    const { name, args } = directive
    if (STRUCTURE.has(name) || READ_NAMES.has(name)) continue
    if (name === 'return' && args[0]?.startsWith('2')) {
      notes.note(
        'look',
        directive,
        'a health check has /healthz and /readyz; other answers are for a page to give',
      )
      continue
    }
    const [kind, words] = wordsFor(name) ?? (['look', 'it is not known here'] as const)
    const isTelling = ['set', 'upstream', 'include', 'add_header'].includes(name)
    notes.note(kind, directive, words, isTelling ? `${name} ${args[0] ?? ''}` : name)
  }
}

function mistakesIn(env: Readonly<Record<string, string>>): string[] {
  try {
    readConfig(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError)
      return error.message
        .split('\n')
        .slice(1)
        .map(line => line.trim())
    throw error
  }
}
