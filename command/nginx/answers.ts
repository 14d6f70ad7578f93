import type { Notes } from './finding.ts'
import {
  conditionOf,
  guardsAt,
  isAnsweredAlike,
  isDotFiles,
  isGuardingIf,
  isRefusal,
  listGuards,
} from './guards.ts'
import { type Location, shown } from './locations.ts'
import type { Directive } from './parse.ts'
import { effective, inText, named } from './scope.ts'
import type { SortedServer } from './sort-locations.ts'

const HEALTH = new Set(['/healthz', '/readyz'])
/** Conditions that are true for a visitor who came by plain HTTP. */
const PLAIN_HTTP =
  /^(\$scheme (=|!=) ["']?https?["']?|\$http_x_forwarded_proto (=|!=|~|!~) ["']?\^?https?\$?["']?|\$https (=|!=) ["']?(on|off)?["']?)$/
const TO_HTTPS = /^https:\/\/(\$(host|server_name|http_host)|[\w.-]+)\$request_uri$/
export const HTTPS_RULE = 'HTTP:80 → redirect to HTTPS://#{host}:443/#{path}?#{query}, 301'

/** What Nginx answers itself, or keeps from somebody, where nothing is passed to the API. */
export function readAnswers({ scope, locations, backends, pages }: SortedServer, notes: Notes): void {
  const [, server = []] = scope
  for (const directive of server) readAnswer(directive, undefined, notes)
  const ofBackend = new Set(backends.map(({ location }) => location))
  for (const location of locations) {
    const block = location.directive.block ?? []
    for (const directive of block) readAnswer(directive, location, notes)
    if (ofBackend.has(location)) continue
    readHeaders(location, notes)
    const isPage = pages.includes(location)
    if (location.target === undefined || isPage) sayGuards(location, isPage, notes)
    if (location.target === undefined) sayFiles(location, notes)
  }
}

/** A guarded location that leads to no API is a page of the app here, or a 404. */
function sayGuards(location: Location, isPage: boolean, notes: Notes) {
  const guards = guardsAt(location.scope)
  const block = location.directive.block ?? []
  // an error page, or what counts connections: nothing of it is served
  const isOwn = guards.every(({ name }) => name === 'internal') || named(block, 'stub_status').length > 0
  if (guards.length === 0 || (isOwn && !isPage)) return
  const remark = isDotFiles(location)
    ? `Nginx refused such names by ${listGuards(guards)}; here the app answers with 404 unless public/ has such a file, and below a path of the API that answers`
    : `Nginx guarded it by ${listGuards(guards)}; here the app serves it to everybody`
  notes.note(
    'guarded',
    location.directive,
    `${remark}. A listener rule of the public ALB (source-ip, authenticate-oidc, fixed-response), AWS WAF, a security group or proxy.ts has to guard it`,
    shown(location),
    // a listener knows no regular expression
    location.modifier.startsWith('~')
      ? undefined
      : {
          in: 'listener rule',
          rule: `path ${location.path} → fixed-response 403, but for those who may come`,
        },
  )
}

/** Files that Nginx read from a disk. */
function sayFiles(location: Location, notes: Notes) {
  const block = location.directive.block ?? []
  const answers = ['return', 'stub_status', 'fastcgi_pass', 'uwsgi_pass', 'grpc_pass', 'scgi_pass', 'rewrite']
  const other = block.find(({ name }) => /^(fastcgi|uwsgi|grpc|scgi)_pass$/.test(name))
  if (other)
    notes.note(
      'lost',
      other,
      'it is not carried over: the front speaks HTTP/1.1 to its backend',
      shown(location),
    )
  if (location.path.includes('/_next/static'))
    notes.note('same', location.directive, 'the front serves it from the build', shown(location))
  else if (
    block.every(({ name }) => !answers.includes(name)) &&
    effective(location.scope, 'internal').length === 0
  ) {
    const fallback = named(block, 'try_files')[0]?.args.at(-1)
    const isErrorPage = effective(location.scope, 'error_page').some(({ args }) =>
      args.includes(location.path),
    )
    if (isErrorPage)
      notes.note('look', location.directive, 'the front has error pages of its own', shown(location))
    else if (fallback?.startsWith('@')) notes.note('look', location.directive, FILES, shown(location))
    else if (named(block, 'location').length === 0)
      notes.note(
        'lost',
        location.directive,
        fallback?.endsWith('.html')
          ? `its files are a single-page app, which is no app of Next.js: the front serves the build of one and public/ alone`
          : FILES,
        shown(location),
      )
  }
}

const FILES = 'Nginx read files from a disk: they have to be moved to public/ of the app'

/** `return`, `rewrite` to another address, `if`. */
function readAnswer(directive: Directive, location: Location | undefined, notes: Notes) {
  if (directive.name === 'if') return readIf(directive, location, notes)
  if (directive.name !== 'return') return
  const [status = '', text] = directive.args
  const code = /^\d{3}$/.test(status) ? Number(status) : 302
  const url = text ?? (code === 302 && status !== '302' ? status : undefined)
  const source = location?.path ?? '/:path*'
  const say = (kind: 'lost' | 'look' | 'same', remark: string, becomes?: Parameters<Notes['note']>[4]) =>
    notes.note(kind, directive, remark, location ? shown(location) : inText(directive), becomes)
  if (code >= 300 && code < 400 && url !== undefined) {
    if (TO_HTTPS.test(url)) return sayHttps(directive, notes)
    const isPlain =
      !url.includes('$') && (location === undefined || ['', '=', '^~'].includes(location.modifier))
    return say(
      'lost',
      isPlain
        ? 'it is a redirect: redirects() in next.config does it'
        : 'it is a redirect with a pattern or a variable, which has to be written by hand into redirects() of next.config',
      isPlain ? { in: 'redirects', source, destination: url, statusCode: code } : undefined,
    )
  }
  if (location && HEALTH.has(location.path) && code === 200)
    return say('same', 'the front answers health checks there')
  // what it keeps from everybody is said with the guards
  if (isRefusal(directive) && location) return
  say(
    'lost',
    `it is a fixed answer, ${code}, which the front does not give: a fixed-response of the public ALB can${code === 200 ? '. A health check has /healthz and /readyz' : ''}`,
    { in: 'listener rule', rule: `path ${location?.path ?? '/*'} → fixed-response ${code}` },
  )
}

function sayHttps(directive: Directive, notes: Notes) {
  const remark = 'the redirect from http to https is for the public ALB'
  notes.note('lost', directive, remark, inText(directive), { in: 'listener rule', rule: HTTPS_RULE })
}

function readIf(directive: Directive, location: Location | undefined, notes: Notes) {
  const block = directive.block ?? []
  const condition = conditionOf(directive)
  // what it is compared with may be a secret
  const what = `if (${condition.split(/\s/)[0]}${/\s/.test(condition) ? ' …' : ''})`
  const say = (kind: 'lost' | 'look' | 'same' | 'guarded', remark: string) =>
    notes.note(kind, directive, remark, what)
  if (isAnsweredAlike(directive)) return say('same', 'the front refuses such methods with 405')
  const redirect = named(block, 'return').find(({ args }) => args.some(each => TO_HTTPS.test(each)))
  if (redirect && PLAIN_HTTP.test(condition)) return sayHttps(redirect, notes)
  const pass = block.find(({ name }) => name === 'proxy_pass')
  if (pass)
    return say(
      'lost',
      'it is not carried over: some requests went elsewhere, and conditions lead nowhere here',
    )
  if (isGuardingIf(directive))
    return say(
      'guarded',
      `Nginx refused such requests${location ? '' : ', for every location'}: AWS WAF, a listener rule of the public ALB or proxy.ts has to do it`,
    )
  say('lost', 'it is not carried over: redirects() in next.config or proxy.ts has conditions for pages')
}

/** `add_header` and `proxy_hide_header` for pages, for which next.config has a place. */
function readHeaders(location: Location, notes: Notes) {
  if (location.target === undefined) return
  const source = location.path === '/' ? '/:path*' : `${location.path.replace(/\/$/, '')}/:path*`
  for (const directive of effective(location.scope, 'add_header')) {
    const [key = '', value = ''] = directive.args
    const isPlain = !value.includes('$') && ['', '^~', '='].includes(location.modifier)
    notes.note(
      'lost',
      directive,
      `headers() in next.config sets it for the pages${isPlain ? '' : ', written by hand: it has a variable or a pattern'}`,
      `add_header ${key}`,
      isPlain ? { in: 'headers', source, key, value } : undefined,
    )
  }
  for (const directive of effective(location.scope, 'proxy_hide_header')) {
    const isPoweredBy = /^x-powered-by$/i.test(directive.args[0] ?? '')
    notes.note(
      'lost',
      directive,
      isPoweredBy
        ? 'poweredByHeader: false in next.config does it for the pages'
        : 'what a page sends is passed on: the app has to leave it out',
      inText(directive),
    )
  }
}
