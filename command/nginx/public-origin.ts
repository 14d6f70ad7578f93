import { shownPlace } from '../../lib/settings/routes.ts'
import type { Draft } from './draft.ts'
import type { Notes } from './finding.ts'
import { named, serverNames } from './scope.ts'
import type { SortedServer } from './sort-locations.ts'

/** A name that a browser can ask for: no pattern, not Nginx's `_`, not a host of this machine alone. */
const NAME = /^(?!localhost$|_$|[\d.]+$)[a-z\d]([\w.-]*[a-z\d])?$/i

/** A name that stands for many: `*.dev.jp`, `.dev.jp`, `~^(.+)\.dev\.jp$`. */
const MANY = /^[~.]|\*/

/**
 * The origins by which visitors reach the site: those that a person names, else the names of the server.
 * @param isHttps whether Nginx said https to whoever it passed requests on to; else a request's own scheme decides
 */
export function publicOrigins(
  { scope: [, server = []] }: SortedServer,
  asked: readonly string[] | undefined,
  isHttps: boolean,
): readonly string[] {
  if (asked) return asked
  return serverNames(server)
    .filter(each => NAME.test(each))
    .map(each => each.toLowerCase())
    .flatMap(name => (isHttps ? [`https://${name}`] : [`https://${name}`, `http://${name}`]))
}

/**
 * PUBLIC_ORIGIN, where something depends on it.
 * @returns what has to be said by a person
 */
export function setPublicOrigin(
  { scope: [, server = []] }: SortedServer,
  drafts: readonly Draft[],
  {
    origins,
    isHttps,
    isAsked,
  }: { readonly origins: readonly string[]; readonly isHttps: boolean; readonly isAsked: boolean },
  notes: Notes,
): string | undefined {
  const kept = drafts.filter(({ values }) => values.host === 'client')
  if (kept.length === 0 && !isHttps) return undefined
  const [at] = named(server, 'server_name')
  const directive = at ?? drafts[0]?.location.directive
  const paths = kept.map(each => shownPlace(each) || '/').join(', ')
  if (origins.length > 0 && directive) {
    notes.set('PUBLIC_ORIGIN', origins.join(','), directive)
    if (kept.length === 0) return undefined
    notes.note('look', directive, notes.texts.settings.host421, 'Host')
    const many = serverNames(server).filter(each => MANY.test(each))
    return many.length > 0 && !isAsked ? notes.texts.missing.manyHosts(paths, many.join(', ')) : undefined
  }
  return kept.length === 0 ? undefined : notes.texts.missing.hosts(paths)
}
