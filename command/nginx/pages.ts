import type { Notes } from './finding.ts'
import { guardsAt } from './guards.ts'
import { type Location, shown, sourceOf } from './locations.ts'
import { isOwnPath, QUERY, queryOf } from './paths.ts'
import type { SortedServer } from './sort-locations.ts'
import type { Target } from './target.ts'

/**
 * What becomes of the locations that lead to Next.js.
 * @param exceptions those that are one of a route
 */
export function sayPages({ pages }: SortedServer, exceptions: ReadonlySet<unknown>, notes: Notes) {
  for (const each of pages) {
    const { target } = each
    if (typeof target !== 'object') continue
    sayPath(each, target, notes)
    if (!exceptions.has(each) && guardsAt(each.scope).length === 0)
      notes.note('same', each.directive, notes.texts.answers.pages(target.origin), shown(each))
  }
}

/** Here a page gets the path that was asked for. */
function sayPath(location: Location, target: Target, notes: Notes) {
  const { modifier, path, directive } = location
  const { paths: texts, answers } = notes.texts
  for (const remark of queryOf(target, texts)) notes.note('look', directive, remark, shown(location))
  if (isOwnPath(target)) return
  const { uri, variable } = target
  const sent = variable ? uri.replace(QUERY, '') : uri
  const isWhole = variable || modifier === '='
  if (sent === path) {
    if (variable && modifier !== '=')
      notes.note('look', directive, texts.keepsPath(path.replace(/\/$/, ''), sent), shown(location))
    return
  }
  const isPlain =
    ['', '=', '^~'].includes(modifier) &&
    !/[$?#]/.test(sent) &&
    (isWhole || sent.endsWith('/') || !path.endsWith('/'))
  const destination = isWhole ? sent : `${sent.replace(/\/$/, '')}/:path*`
  notes.note(
    'lost',
    directive,
    answers.sentAs(sent, isPlain),
    shown(location),
    isPlain ? { in: 'rewrites', source: sourceOf(location), destination } : undefined,
  )
}
