import type { Notes } from './finding.ts'
import { guardsAt } from './guards.ts'
import { type Location, sourceOf } from './locations.ts'
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
    if (!exceptions.has(each) && guardsAt(each).length === 0)
      notes.at(each)('same', notes.texts.answers.pages(target.origin))
  }
}

/** Here a page gets the path that was asked for. */
function sayPath(location: Location, target: Target, notes: Notes) {
  const { modifier, path } = location
  const { paths: texts, answers } = notes.texts
  const say = notes.at(location)
  for (const remark of queryOf(target, texts)) say('look', remark)
  if (isOwnPath(target)) return
  const { uri, variable } = target
  const sent = variable ? uri.replace(QUERY, '') : uri
  const isWhole = variable || modifier === '='
  if (sent === path) {
    if (variable && modifier !== '=') say('look', texts.keepsPath(path.replace(/\/$/, ''), sent))
    return
  }
  const isPlain =
    ['', '=', '^~'].includes(modifier) &&
    !/[$?#]/.test(sent) &&
    (isWhole || sent.endsWith('/') || !path.endsWith('/'))
  const destination = isWhole ? sent : `${sent.replace(/\/$/, '')}/:path*`
  say(
    'lost',
    answers.sentAs(sent, isPlain),
    isPlain ? { in: 'rewrites', source: sourceOf(location), destination } : undefined,
  )
}
