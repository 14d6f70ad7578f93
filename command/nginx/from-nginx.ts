import { ConfigError, readConfig } from '../../lib/settings/settings.ts'
import { HTTPS_RULE, readAnswers } from './answers.ts'
import { inConfig, inConfigText } from './config-text.ts'
import type { Draft } from './draft.ts'
import { fitsEnvironment, sayRoutes, setEnvironment, setNearest } from './environment.ts'
import { readNginxFile } from './files.ts'
import { createNotes, type Finding, isWhole, type Notes } from './finding.ts'
import { readFixed, readUpstreams } from './fixed.ts'
import { guardsAt } from './guards.ts'
import { readPageHeaders, saysHttps } from './headers.ts'
import { portsOf, readListen } from './listen.ts'
import { shown } from './locations.ts'
import type { Directive } from './parse.ts'
import { publicOrigins, setPublicOrigin } from './public-origin.ts'
import { READ, remarkFor } from './remarks.ts'
import { routesOf } from './routes.ts'
import { named, placeOf } from './scope.ts'
import { readSettings } from './settings.ts'
import { type SortedServer, sortLocations } from './sort-locations.ts'
import { readTls } from './tls.ts'
import { valuesOf } from './values.ts'

export type Reading = {
  /** the environment for Gatehouse, in the order of its settings */
  readonly env: Readonly<Record<string, string>>
  /** gatehouse.config.ts as text, where the environment cannot say the routes */
  readonly config?: string
  readonly findings: readonly Finding[]
  /** why the environment is not enough; empty where Gatehouse starts with it */
  readonly missing: readonly string[]
}

/** Whether Gatehouse with what was read behaves as the Nginx did. */
export const isTakenOver = ({ findings, missing }: Reading) => missing.length === 0 && isWhole(findings)

const READ_NAMES = new Set<string>(READ)
const STRUCTURE = new Set(['http', 'server', 'if', 'return'])
const isDirective = (word: string) =>
  remarkFor(word) !== undefined || READ_NAMES.has(word) || STRUCTURE.has(word)
const ORDER = [
  'BACKEND_ORIGIN',
  'BACKEND_PATHS',
  'LOGIN_PATHS',
  'HOST',
  'PORT',
  'PUBLIC_ORIGIN',
  'DNS_SERVERS',
  'DNS_MAX_TTL',
  'DNS_FAMILY',
  'CONNECT_TIMEOUT',
  'BACKEND_TIMEOUT',
  'MAX_BODY',
  'MAX_HEADER',
  'KEEP_ALIVE_TIMEOUT',
  'PAGE_TIMEOUT',
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
  /** the origins by which visitors reach the site */
  readonly publicOrigins?: readonly string[] | undefined
  /** `true`: no file is wanted, and what the environment cannot say is lost */
  readonly inEnvironment?: boolean
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
    return { ...server, notes, sorted: sortLocations(server.block, http, notes, asked) }
  })
  const meant = which === undefined ? read : read.filter(({ block }) => answersTo(block, which))
  const leads = ({ sorted }: (typeof read)[number]) => sorted.backends.length > 0 || sorted.guarded > 0
  const withBackend = meant.filter(leads)
  const chosen = withBackend[0] ?? meant[0]
  if (!chosen) return { env: {}, findings: [], missing: [`no server listens at or is called ${which}`] }

  const { notes, sorted, block } = chosen
  const isHttps = saysHttps(sorted)
  const origins = publicOrigins(sorted, asked.publicOrigins, isHttps)
  const isPublicKnown = isHttps && origins.length > 0
  const { drafts, untaken, exceptions } = routesOf(
    sorted,
    each => valuesOf(each, isPublicKnown, notes),
    notes,
  )
  const needsFile = drafts.length > 0 && !fitsEnvironment(drafts)
  const config = needsFile && !asked.inEnvironment ? inConfigText(drafts) : undefined
  const left = [...untaken]
  if (config !== undefined) sayRoutes(drafts, notes)
  else if (needsFile) left.push(...setNearest(drafts, notes))
  else setEnvironment(drafts, notes)
  const unknownHosts = setPublicOrigin(sorted, drafts, { origins, isHttps }, notes)

  readListen(block, notes)
  readSettings(sorted, notes)
  readFixed(sorted, notes)
  readUpstreams(sorted, notes)
  readPageHeaders(sorted, isPublicKnown, notes)
  sayPages(sorted, exceptions, notes)
  readTls(sorted, notes)
  readAnswers(sorted, notes)
  for (const other of read) {
    if (other !== chosen && other.directive)
      readOtherServer(other.directive, titleOf(other.block), which !== undefined, notes)
  }
  readOthers(http === top ? [] : top, sorted, notes)

  const env = Object.fromEntries(ORDER.flatMap(name => pairs(name, notes.env.get(name))))
  const missing: string[] = []
  if (sorted.question) missing.push(sorted.question)
  if (sorted.guarded > 0 && sorted.backends.length === 0)
    missing.push('every location that leads to an API is guarded: no route is printed')
  else if (sorted.backends.length > 0 && drafts.length === 0)
    missing.push('no path of an API is left that nothing guards: no route is printed')
  else missing.push(...mistakesIn(env, config === undefined ? undefined : drafts))
  if (unknownHosts) missing.push(unknownHosts)
  missing.push(...secretsOf(drafts))
  if (left.length > 0) missing.push(`BACKEND_PATHS has to be said by hand for ${left.join(' and ')}`)
  if (sorted.backends.length === 0 && sorted.guarded === 0)
    missing.push('no location was found that leads to an API')
  if (withBackend.length > 1)
    missing.push(
      `several servers lead to an API; say which is meant with --server: ${withBackend.map(each => titleOf(each.block).trim()).join(', ')}`,
    )
  return { env, findings: notes.findings, missing, ...(config !== undefined && { config }) }
}

function sayPages({ pages }: SortedServer, exceptions: ReadonlySet<unknown>, notes: Notes) {
  for (const each of pages) {
    if (!exceptions.has(each) && guardsAt(each.scope).length === 0 && typeof each.target === 'object')
      notes.note(
        'same',
        each.directive,
        `the front serves the pages; nothing listens at ${each.target.origin} any more`,
        shown(each),
      )
  }
}

/** What may be secret is not printed: it has to be put into the environment. */
function secretsOf(drafts: readonly Draft[]): string[] {
  const found = new Map<string, Set<string>>()
  for (const { values } of drafts)
    for (const [, { text, variable }] of values.headers)
      if (variable !== undefined) found.set(variable, (found.get(variable) ?? new Set<string>()).add(text))
  return [...found].map(([variable, texts]) =>
    texts.size > 1
      ? `${variable} stands for ${texts.size} values of the file: give each route a variable of its own`
      : `${variable} has to be set, to the value that the header has in the file: it may be secret, and is not printed`,
  )
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
    const remark = `${what}: the redirect from http to https is for the public ALB`
    notes.note('lost', directive, remark, 'server', becomes)
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
function readOthers(top: readonly Directive[], sorted: SortedServer, notes: Notes) {
  const levels = [top, ...sorted.scope, ...sorted.locations.map(each => each.directive.block ?? [])]
  const isCached = levels.flat().some(({ name, args }) => name === 'proxy_cache' && args[0] !== 'off')
  for (const directive of new Set(levels.flat())) {
    const { name, args } = directive
    if (STRUCTURE.has(name) || READ_NAMES.has(name) || isRewriteOfRoute(directive, sorted)) continue
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
    const [kind, remark] = remarkFor(name) ?? (['lost', 'it is not known here'] as const)
    const isTelling = ['set', 'upstream', 'include', 'map'].includes(name)
    notes.note(kind, directive, remark, isTelling ? shownWith(directive) : name)
  }
}

/** A location of an API whose rewrite can be no route says so itself. */
const isRewriteOfRoute = (directive: Directive, { backends }: SortedServer) =>
  directive.name === 'rewrite' &&
  backends.some(({ location }) => location.directive.block?.includes(directive))

const shownWith = ({ name, args }: Directive) => `${name} ${args[0] ?? ''}`

/** What the product's own loader says. */
function mistakesIn(env: Readonly<Record<string, string>>, drafts: readonly Draft[] | undefined): string[] {
  try {
    readConfig(env, drafts && { name: 'gatehouse.config.ts', content: inConfig(drafts) })
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
