import { ConfigError, readConfig } from '../../lib/settings/settings.ts'
import { HTTPS_RULE, readAnswers } from './answers.ts'
import { readNginxFile } from './files.ts'
import { createNotes, type Finding, type Notes } from './finding.ts'
import { readFixed, readUpstreams } from './fixed.ts'
import { readHeaders } from './headers.ts'
import { portsOf, readListen } from './listen.ts'
import type { Directive } from './parse.ts'
import { type Place, sortLocations } from './place.ts'
import { named, placeOf } from './scope.ts'
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
const STRUCTURE = new Set(['http', 'server', 'if', 'return'])
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

/** What a person says beside the file. */
export type Asked = {
  /** the `server` that is meant: a port that it listens at, or a name of it */
  readonly server?: string | undefined
  /** the origin of Next.js */
  readonly pages?: string | undefined
  /** the origin of the API */
  readonly backend?: string | undefined
}

/**
 * Reads a configuration of Nginx as one for Gatehouse.
 * @param fill puts values into a template's text, as envsubst does
 * @throws NginxSyntaxError; what reading the file throws
 */
export function readNginx(path: string, asked: Asked = {}, fill?: (text: string) => string): Reading {
  const { server: which } = asked
  const top = readNginxFile(path, isDirective, fill)
  // whoever fills a template in says what is missing
  const placeholder = fill ? undefined : placeholderIn(top, namesSetIn(top))
  if (placeholder) return { env: {}, findings: [], missing: [placeholder] }
  const http = top.flatMap(each => (each.name === 'http' ? (each.block ?? []) : each))
  const servers = named(http, 'server')
  // a file that is included in a server has locations alone
  const all = servers.length > 0 ? servers.map(serverOf) : [{ directive: undefined, block: http }]
  const read = all.map(server => {
    const notes = createNotes()
    return { ...server, notes, place: sortLocations(server.block, http, notes, asked) }
  })
  const meant = which === undefined ? read : read.filter(({ block }) => answersTo(block, which))
  const leads = ({ place }: (typeof read)[number]) => place.backends.length > 0 || place.guarded > 0
  const withBackend = meant.filter(leads)
  const chosen = withBackend[0] ?? meant[0]
  if (!chosen) return { env: {}, findings: [], missing: [`no server listens at or is called ${which}`] }

  const { notes, place, block } = chosen
  readListen(block, notes)
  readSettings(place, notes)
  readFixed(place, notes)
  readUpstreams(place, notes)
  readHeaders(place, notes)
  readTls(place, notes)
  readAnswers(place, notes)
  for (const other of read) {
    if (other !== chosen && other.directive)
      readOtherServer(other.directive, titleOf(other.block), which !== undefined, notes)
  }
  readOthers(http === top ? [] : top, place, notes)

  const env = Object.fromEntries(ORDER.flatMap(name => pairs(name, notes.env.get(name))))
  const missing: string[] = []
  if (place.question) missing.push(place.question)
  if (place.guarded > 0 && place.backends.length === 0)
    missing.push(
      'every location that leads to the API is guarded: BACKEND_ORIGIN and BACKEND_PATHS are left out',
    )
  else if (place.backends.length > 0 && env.BACKEND_ORIGIN === undefined)
    missing.push(
      'no path of the API is left that nothing guards: BACKEND_ORIGIN and BACKEND_PATHS are left out',
    )
  else missing.push(...mistakesIn(env))
  if (place.untaken.length > 0)
    missing.push(`BACKEND_PATHS has to be said by hand for ${place.untaken.join(' and ')}`)
  if (place.backends.length === 0 && place.guarded === 0)
    missing.push('no location was found that leads to the API')
  if (withBackend.length > 1)
    missing.push(
      `several servers lead to an API; say which is meant with --server: ${withBackend.map(each => titleOf(each.block).trim()).join(', ')}`,
    )
  return { env, findings: notes.findings, missing }
}

/** `${PORT}`: Nginx's own variables have small letters. */
const PLACEHOLDER = /\$\{?[A-Z][A-Z0-9_]*\b\}?/g

const namesSetIn = (directives: readonly Directive[]): Set<string> =>
  new Set(
    directives.flatMap(({ name, args, block = [] }) =>
      ['set', 'map', 'geo'].includes(name) ? args.slice(0, 2) : [...namesSetIn(block)],
    ),
  )

/** A file that is filled in when the container starts says nothing yet. */
function placeholderIn(directives: readonly Directive[], set: ReadonlySet<string>): string | undefined {
  for (const directive of directives) {
    const found = directive.args
      .flatMap(each => each.match(PLACEHOLDER) ?? [])
      .find(each => !set.has(each.replace(/[{}]/g, '')))
    if (found !== undefined)
      return `${placeOf(directive)}: ${found} is a placeholder of a template: run envsubst or nginx -T first, and read what it prints`
    const inner = placeholderIn(directive.block ?? [], set)
    if (inner) return inner
  }
  return undefined
}

const serverOf = (directive: Directive) => ({ directive, block: directive.block ?? [] })
const pairs = (name: string, value: string | undefined) => (value === undefined ? [] : [[name, value]])

const namesOf = (server: readonly Directive[]) => named(server, 'server_name').flatMap(each => each.args)
const answersTo = (server: readonly Directive[], which: string) =>
  portsOf(server).includes(which) || namesOf(server).includes(which)
const titleOf = (server: readonly Directive[]) =>
  ` (${[...new Set(portsOf(server).map(port => `port ${port}`)), ...namesOf(server)].join(', ')})`

function readOtherServer(directive: Directive, title: string, isChosen: boolean, notes: Notes) {
  const [answer] = named(directive.block ?? [], 'return')
  const passes = named(directive.block ?? [], 'location').length > 0
  const what = `another server${title}`
  if (answer && !passes && /^https:/.test(answer.args.at(-1) ?? '')) {
    const becomes = { in: 'listener rule', rule: HTTPS_RULE } as const
    const words = `${what}: the redirect from http to https is for the public ALB`
    notes.note('lost', directive, words, 'server', becomes)
  } else if (answer && !passes) {
    const names = named(directive.block ?? [], 'server_name').flatMap(({ args }) => args)
    const becomes = {
      in: 'listener rule',
      rule: `host ${names.join(', ') || 'not named elsewhere'} → ${answer.args.join(' ')}`,
    } as const
    notes.note(
      'lost',
      directive,
      `${what}: it answers by itself, which a listener rule can`,
      'server',
      becomes,
    )
  } else
    notes.note(
      isChosen ? 'look' : 'lost',
      directive,
      `${what}: left out. A front serves one site: say which with --server`,
      'server',
    )
}

/** Everything whose value becomes no setting. */
function readOthers(top: readonly Directive[], place: Place, notes: Notes) {
  const levels = [top, ...place.scope, ...place.locations.map(each => each.directive.block ?? [])]
  const isCached = levels.flat().some(({ name, args }) => name === 'proxy_cache' && args[0] !== 'off')
  for (const directive of new Set(levels.flat())) {
    const { name, args } = directive
    if (STRUCTURE.has(name) || READ_NAMES.has(name)) continue
    if (name.startsWith('proxy_cache') && !isCached) {
      notes.note('same', directive, 'nothing is kept: there is no proxy_cache')
      continue
    }
    if (name === 'include' && /mime\.types$/.test(args[0] ?? '')) {
      notes.note(
        'same',
        directive,
        'there is no such file here; types go by the name of the file',
        shownWith(directive),
      )
      continue
    }
    const [kind, words] = wordsFor(name) ?? (['lost', 'it is not known here'] as const)
    const isTelling = ['set', 'upstream', 'include', 'map'].includes(name)
    notes.note(kind, directive, words, isTelling ? shownWith(directive) : name)
  }
}

const shownWith = ({ name, args }: Directive) => `${name} ${args[0] ?? ''}`

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
