import { closedBy, guardsOfApi } from './guards.ts'
import type { Location } from './locations.ts'
import type { Directive } from './parse.ts'
import { effective, named, type Scope } from './scope.ts'
import { locationFor } from './search.ts'

/** What a location may have beside `try_files` that is of no account where no file is found. */
const OF_FILES =
  /^(try_files|access_log|log_not_found|add_header|expires|etag|index|autoindex|types|default_type|gzip(_\w+)?|client_max_body_size)$/
const A_FILE = /^\$uri(\/|\.html|\/index\.html)?$/
/** `try_files /dev/null @api`, `NONE @api`: what nobody has as a file, under whatever root. A switch for maintenance has an ending. */
const NO_FILE = /^\/?([\w-]+\/)*[\w-]*$/
/** What is asked in the named location alone. */
const OF_OTHERS = /^(root|alias|proxy_(?!pass$)\w+)$/

/** Whether a `try_files` is but a way to its last argument. */
export const findsNoFile = (files: Directive | undefined): boolean =>
  files !== undefined && files.args.length > 1 && files.args.slice(0, -1).every(each => NO_FILE.test(each))

/**
 * `location /api { try_files $uri @api; }` without a `root`: no file is there, and each request goes to `location @api`, with the headers and
 * times of that one. The limit of a body is that of the first (ngx_http_core_find_config_phase), and so are its guards: Nginx asks them before
 * `try_files`.
 * @returns the locations, with those that are so passed on as if they had the `proxy_pass` themselves
 */
export function passedOn(
  locations: readonly Location[],
  isTaken: (location: Location) => boolean,
): readonly Location[] {
  const used = new Set<Location>()
  const found = locations.map(each => {
    const there = thereOf(each, locations)
    if (!there || !isTaken(there)) return each
    used.add(there)
    return joined(each, there)
  })
  // what another leads to it, too, is lost with it
  const left = found.filter((each, i) => each === locations[i])
  return found.filter(each => !used.has(each) || isErrorsOf(each, locations) || isFallback(each, left))
}

/**
 * Why a location of an API is not opened: by itself, or by where its own `try_files` leads before its `proxy_pass` is asked.
 * @param from the locations whose `try_files` led to it
 */
export function closedAt(
  location: Location,
  locations: readonly Location[],
  from: readonly Location[] = [],
): readonly Directive[] {
  const own = (from.length > 0 ? guardsOfApi : closedBy)(location)
  const [files] = named(location.directive.block ?? [], 'try_files')
  const last = files?.args.at(-1)?.replace(/(\?|\$is_args).*/, '')
  if (own.length > 0 || !files || last === undefined) return own
  const there =
    locations.find(({ modifier, path }) => modifier === '@' && path === last) ?? locationFor(last, locations)
  if (there === location) return []
  // with a status, a variable or a circle it leads to no API
  if (!there || /^=|\$/.test(last) || from.includes(there)) return [files]
  return closedAt(there, locations, [...from, location])
}

function thereOf(
  { path, target, scope, directive: { block = [] } }: Location,
  locations: readonly Location[],
): Location | undefined {
  const [files] = named(block, 'try_files')
  const name = files?.args.at(-1)
  if (target !== undefined || !files) return undefined
  const isNone = findsNoFile(files)
  if (!block.every(each => OF_FILES.test(each.name) || (isNone && OF_OTHERS.test(each.name))))
    return undefined
  const hasRoot = ['root', 'alias'].some(each => scope.some(level => named(level, each).length > 0))
  // Nginx has a file of its own at /
  const isFree = path !== '/' && !hasRoot && files.args.slice(0, -1).every(each => A_FILE.test(each))
  if (!isNone && !isFree) return undefined
  return locations.find(each => each.modifier === '@' && each.path === name)
}

function joined(first: Location, there: Location): Location {
  const passed = {
    ...first,
    redirectsNone: true,
    ...(there.target !== undefined && { target: there.target }),
  } as const
  if (closedBy(first).length > 0) return passed
  const block = [
    ...effective(first.scope, 'client_max_body_size'),
    ...(there.directive.block ?? []).filter(({ name }) => name !== 'client_max_body_size'),
  ]
  const scope: Scope = [...there.scope.slice(0, -1), block]
  return { ...passed, directive: { ...first.directive, block }, scope }
}

/** Whether a location that is not passed on, or the server, falls back to one. */
const isFallback = ({ path, scope }: Location, left: readonly Location[]) =>
  [...(scope[1] ?? []), ...left.flatMap(each => each.directive.block ?? [])].some(
    ({ name, args }) => name === 'try_files' && args.at(-1) === path,
  )

const isErrorsOf = ({ path }: Location, locations: readonly Location[]) =>
  locations.some(({ scope }) =>
    scope.some(level => named(level, 'error_page').some(({ args }) => args.at(-1) === path)),
  )
