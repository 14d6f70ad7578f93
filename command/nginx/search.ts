import type { Location } from './locations.ts'

/**
 * Which location Nginx takes for a path, as ngx_http_core_find_location does: an exact one; else the longest prefix, what is nested
 * in it, and the regular expressions beside it, in the order of the file. What it redirects to `/api/` counts as that path.
 * @param path decoded, its repeated slashes merged
 */
export const locationFor = (path: string, locations: readonly Location[]): Location | undefined =>
  search(path, locations, undefined)?.location

type Found = {
  readonly location: Location
  /** no regular expression of an outer level is asked any more */
  readonly isFinal: boolean
}

function search(
  path: string,
  locations: readonly Location[],
  parent: Location | undefined,
): Found | undefined {
  const level = locations.filter(each => each.parent === parent)
  const prefixes = level.filter(({ modifier }) => modifier === '' || modifier === '^~')
  const [prefix] = prefixes
    .filter(each => path.startsWith(each.path))
    .toSorted((a, b) => b.path.length - a.path.length)
  const exact = level.find(each => each.modifier === '=' && each.path === path)
  // `/api` is redirected to `/api/`, where that is passed on
  const redirected = level.find(
    each =>
      /^(=|\^~)?$/.test(each.modifier) &&
      each.target !== undefined &&
      !each.redirectsNone &&
      each.path === `${path}/`,
  )
  if (exact) return { location: exact, isFinal: true }
  if (redirected && prefix?.path !== path)
    return { location: locationFor(redirected.path, locations) ?? redirected, isFinal: true }
  const inner = prefix && search(path, locations, prefix)
  if (inner?.isFinal) return inner
  // `^~` keeps off those of its own level alone
  const pattern = prefix?.modifier === '^~' ? undefined : level.find(each => fits(each, path))
  if (pattern) return { location: search(path, locations, pattern)?.location ?? pattern, isFinal: true }
  return inner ?? (prefix && { location: prefix, isFinal: false })
}

/** Whether a regular expression fits; one that JavaScript does not know fits nothing. */
function fits({ modifier, path: pattern }: Location, path: string): boolean {
  if (!modifier.startsWith('~')) return false
  const [, isAnyCase, source = ''] = /^(\(\?i\))?([\s\S]*)$/.exec(pattern.replaceAll('(?P<', '(?<')) ?? []
  try {
    return new RegExp(source, modifier === '~*' || isAnyCase ? 'i' : '').test(path)
  } catch {
    return false
  }
}
