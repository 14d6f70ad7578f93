import type { Language } from '../../lib/http/accept.ts'
import { describeSettings } from '../../lib/settings/schema.ts'
import { ConfigError, readConfig } from '../../lib/settings/settings.ts'
import { readAnswers } from './answers.ts'
import { inConfig, inConfigText } from './config-text.ts'
import type { Draft } from './draft.ts'
import { english, type Texts } from './english.ts'
import { fitsEnvironment, sayRoutes, setEnvironment, setNearest } from './environment.ts'
import { isOtherPass, sayUnnamed } from './fallbacks.ts'
import { readNginxFile } from './files.ts'
import { createNotes, type Finding, isWhole, type Notes } from './finding.ts'
import { readFixed, readUpstreams } from './fixed.ts'
import { readPageHeaders, saysHttps } from './headers.ts'
import { setHsts } from './hsts.ts'
import { japanese } from './japanese.ts'
import { portsOf, readListen } from './listen.ts'
import { isDirective, readOtherServer, readOthers } from './others.ts'
import { sayPages } from './pages.ts'
import { type Directive, withSmallVariables } from './parse.ts'
import { namesSetIn, placeholderIn } from './placeholder.ts'
import { publicOrigins, setPublicOrigin } from './public-origin.ts'
import { routesOf } from './routes.ts'
import { named, serverNames } from './scope.ts'
import { createVariables } from './secrets.ts'
import { readSettings } from './settings.ts'
import { type SortedServer, sortLocations } from './sort-locations.ts'
import { valuesOf } from './values.ts'

export const TEXTS: { readonly [language in Language]: Texts } = { en: english, ja: japanese }

export type Reading = {
  /** the environment for Gatehouse, in the order of its settings */
  readonly env: Readonly<Record<string, string>>
  /** gatehouse.config.ts as text, where the environment cannot say the routes */
  readonly config?: string
  /** what it exports; a value that stands in the environment is `x` */
  readonly content?: unknown
  /** the variables that it takes from the environment */
  readonly secrets: readonly string[]
  readonly findings: readonly Finding[]
  /** why the environment is not enough; empty where Gatehouse starts with it */
  readonly missing: readonly string[]
  /** of these, what a person has to say of the file itself: which origin has the pages, BACKEND_PATHS, which `server`, where the API is, the hosts of the site */
  readonly unsaid: {
    readonly [about in 'pages' | 'paths' | 'server' | 'location' | 'hosts']?: string | undefined
  }
}

/** Whether Gatehouse with what was read behaves as the Nginx did. */
export const isTakenOver = ({ findings, missing }: Reading) => missing.length === 0 && isWhole(findings)

/** The settings, and what is Node's own. */
const ORDER = [...describeSettings().map(({ name }) => name), 'NODE_EXTRA_CA_CERTS']

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
  /** in which language findings are said */
  readonly language?: Language
}

/** What Nginx takes within `http` alone, and what an API's route goes by. */
const OF_HTTP =
  /^(server|upstream|map|geo|split_clients|allow|deny|satisfy|auth_\w+|resolver|limit_\w+|proxy_\w+)$/

/**
 * Reads a configuration of Nginx as one for Gatehouse.
 * @param fill puts values into a template's text, as envsubst does
 * @throws an Error with file:line at a mistake; what reading the file throws
 */
export function readNginx(path: string, asked: Asked = {}, fill?: (text: string) => string): Reading {
  const { server: which, language = 'en' } = asked
  const texts = TEXTS[language]
  const written = readNginxFile(path, isDirective, texts.syntax, fill)
  // whoever fills a template in says what is missing
  const placeholder = fill ? undefined : placeholderIn(written, namesSetIn(written), texts.missing)
  if (placeholder) return { ...NOTHING, missing: [placeholder] }
  const top = withSmallVariables(written)
  // beside a whole `http` stands what is about no request; not so in files that were put together
  const isWholeFile = named(top, 'http').length > 0 && !top.some(({ name }) => OF_HTTP.test(name))
  const http = (isWholeFile ? named(top, 'http') : top).flatMap(each =>
    each.name === 'http' ? (each.block ?? []) : each,
  )
  const servers = readServers(http, asked, texts)
  const meant = which === undefined ? servers : servers.filter(({ block }) => answersTo(block, which))
  const withBackend = meant.filter(({ sorted }) => leadsToApi(sorted))
  const chosen = withBackend[0] ?? meant.find(passesOn) ?? meant[0]
  if (!chosen) {
    const server = texts.missing.noServer(String(which))
    return { ...NOTHING, missing: [server], unsaid: { server } }
  }

  const { notes, sorted } = chosen
  const { drafts, config, left, hosts } = takeRoutes(chosen, asked)
  for (const other of servers) {
    if (other !== chosen && other.directive)
      readOtherServer(
        { directive: other.directive, title: titleOf(other.block, texts), sorted: other.sorted },
        { sorted, isChosen: which !== undefined },
        notes,
      )
  }
  readOthers(http === top ? [] : top, sorted, notes)

  const env = Object.fromEntries(ORDER.flatMap(name => pairs(name, notes.env.get(name))))
  const secrets = secretsOf(drafts)
  const titles = withBackend.map(({ block }) => `(${titleOf(block, texts)})`).join(', ')
  const unsaid = {
    paths: left.length > 0 ? texts.missing.paths(left, config !== undefined) : undefined,
    // a question comes first
    location: leadsToApi(sorted) || sorted.question ? undefined : texts.missing.noLocation(likelyApi(sorted)),
    server: withBackend.length > 1 ? texts.missing.severalServers(titles) : undefined,
  }
  const missing = [
    sorted.question,
    // that it is missing is said once, with what to say for it
    ...mistakesIn(
      sorted,
      drafts,
      hosts === undefined ? env : { PUBLIC_ORIGIN: 'https://www.dev.jp', ...env },
      config !== undefined,
      language,
    ),
    hosts === undefined ? undefined : texts.missing.publicOrigin(hosts),
    ...secrets.map(texts.missing.secret),
    ...Object.values(unsaid),
  ].filter(each => each !== undefined)
  return {
    env,
    findings: notes.findings,
    secrets,
    missing,
    unsaid: { ...unsaid, hosts, pages: sorted.question },
    ...(config !== undefined && { config, content: inConfig(drafts) }),
  }
}

const NOTHING: Reading = { env: {}, findings: [], secrets: [], missing: [], unsaid: {} }

type Server = {
  /** absent for a file that is included in a server: it has locations alone */
  readonly directive: Directive | undefined
  readonly block: readonly Directive[]
  readonly notes: Notes
  readonly sorted: SortedServer
}

function readServers(http: readonly Directive[], asked: Asked, texts: Texts): Server[] {
  const servers = named(http, 'server')
  const all = servers.length > 0 ? servers.map(serverOf) : [{ directive: undefined, block: http }]
  return all.map(server => {
    const notes = createNotes(texts)
    return { ...server, notes, sorted: sortLocations(server.block, http, notes, asked) }
  })
}

const serverOf = (directive: Directive) => ({ directive, block: directive.block ?? [] })

const leadsToApi = ({ backends, guarded, own }: SortedServer) => backends.length + guarded + own > 0
/** What may be the API where nothing else is. */
function likelyApi({ locations, pages: [page] }: SortedServer): string | undefined {
  const isElsewhere = locations.some(
    each => typeof each.target === 'string' || each.directive.block?.some(isOtherPass),
  )
  return typeof page?.target === 'object' && !isElsewhere ? page.target.origin : undefined
}
const passesOn = ({ sorted }: Server) => sorted.locations.some(each => each.target !== undefined)

/** What a server says becomes routes, settings and remarks; `left` are locations that are none of these, `hosts` what PUBLIC_ORIGIN needs. */
function takeRoutes(
  { directive, notes, sorted }: Server,
  { publicOrigins: said, inEnvironment = false }: Asked,
) {
  const isHttps = saysHttps(sorted)
  const origins = publicOrigins(sorted, said, isHttps)
  const isPublicKnown =
    isHttps && origins.length > 0 && origins.every(each => each.toLowerCase().startsWith('https:'))
  const isPort443 = isPublicKnown && origins.every(each => URL.parse(each)?.port === '')
  const known = { isPublicKnown, isPort443, variableFor: createVariables() }
  setHsts(sorted, notes)
  const routes = routesOf(sorted, each => valuesOf(each, known, notes), notes, inEnvironment)
  const { drafts, untaken, exceptions } = routes
  const needsFile = drafts.length > 0 && !fitsEnvironment(drafts)
  const config = needsFile && !inEnvironment ? inConfigText(drafts) : undefined
  const left = [...untaken]
  if (config !== undefined) sayRoutes(drafts, notes)
  else if (needsFile) left.push(...setNearest(drafts, notes))
  else setEnvironment(drafts, notes)
  const hosts = setPublicOrigin(sorted, drafts, { origins, isHttps, isAsked: said !== undefined }, notes)
  if (directive) {
    readListen(directive, notes)
    sayUnnamed(directive, sorted, notes)
  }
  readSettings(sorted, notes)
  readFixed(sorted, notes)
  readUpstreams(sorted, notes)
  readPageHeaders(sorted, known, notes)
  sayPages(sorted, exceptions, notes)
  readAnswers(sorted, routes, notes)
  return { drafts, config, left, hosts }
}

/** What may be secret is not printed: it has to be put into the environment. */
function secretsOf(drafts: readonly Draft[]): string[] {
  const variables = drafts.flatMap(({ values }) =>
    [...values.headers.values()].flatMap(({ variable }) => variable ?? []),
  )
  return [...new Set(variables)]
}

const pairs = (name: string, value: string | undefined) => (value === undefined ? [] : [[name, value]])

const answersTo = (server: readonly Directive[], which: string) =>
  portsOf(server).includes(which) || serverNames(server).includes(which)
const titleOf = (server: readonly Directive[], texts: Texts) =>
  [...new Set(portsOf(server).map(texts.servers.port)), ...serverNames(server)].join(', ')

/** Why there is nothing to start, or what the product's own loader says. */
function mistakesIn(
  { backends, guarded, own }: SortedServer,
  drafts: readonly Draft[],
  env: Readonly<Record<string, string>>,
  inFile: boolean,
  language: Language,
): readonly string[] {
  const { missing } = TEXTS[language]
  if (guarded + backends.length > 0 && drafts.length === 0) return [missing.noPath]
  if (own > 0 && backends.length === 0) return [missing.allOwn]
  // that there is no API is said
  if (backends.length === 0) return []
  try {
    readConfig(env, inFile ? { name: 'gatehouse.config.ts', content: inConfig(drafts) } : undefined)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes.map(each => each[language])
    throw error
  }
}
