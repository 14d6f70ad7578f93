import { ADDED } from '../../lib/http/pass-head.ts'
import type { HeaderValue } from './draft.ts'
import type { Notes } from './finding.ts'
import { isOfEnd } from './hsts.ts'
import type { Location } from './locations.ts'
import { effective, inText } from './scope.ts'
import type { Backend } from './sort-locations.ts'
import { expand } from './target.ts'

/** The name by which a header is in a map already, in whatever case. */
export const keyIn = (headers: ReadonlyMap<string, HeaderValue>, name: string) =>
  [...headers.keys()].find(each => each.toLowerCase() === name.toLowerCase()) ?? name

/** A value over several lines, as a Content-Security-Policy is written: a client reads one line (RFC 9112, 5.2). */
export const unfolded = (value: string) => value.replace(/\s*\n\s+/g, ' ').trim()
/** With no value, `add_header` takes these two away (ngx_http_headers_filter_module.c). */
export const isRemovedByNone = (name: string) => /^(etag|last-modified)$/i.test(name)

/** `add_header` and `proxy_hide_header` for the answers of an API. */
export function readAnswerHeaders({ location }: Backend, notes: Notes): Map<string, HeaderValue> {
  const texts = notes.texts.headers
  const found = new Map<string, HeaderValue>()
  for (const directive of effective(location.scope, 'proxy_hide_header'))
    found.set(keyIn(found, directive.args[0] ?? ''), { text: '' })
  readExpires(location, found, notes)
  for (const directive of effective(location.scope, 'add_header')) {
    if (isOfEnd(directive, notes)) continue
    const [name = '', written = '', always] = directive.args
    const value = unfolded(expand(written, location.scope))
    const say = notes.about(directive, `add_header ${name}`)
    const key = keyIn(found, name)
    const isAdded = ADDED.has(name.toLowerCase())
    const isRemoved = written === '' && isRemovedByNone(name)
    if (written === '' && !isRemoved) say('same', texts.addsNothing)
    // an empty one that is set may be another by an `if`
    else if (!isRemoved && (value === '' || value.includes('$'))) say('lost', texts.answerVariable)
    else if (found.get(key)?.text) say('lost', texts.twice)
    else if (found.has(key) && isAdded) say('lost', texts.staysBeside)
    else {
      found.set(key, { text: value })
      // an error that is kept is seen again when the API is well
      const isKept = /^cache-control$/i.test(name) && !/no-store|no-cache|max-age=0\b/i.test(value)
      if (always !== 'always') say(isKept ? 'lost' : 'look', isAdded ? texts.addedOnErrors : texts.onErrors)
    }
  }
  return found
}

/** What `expires` says on every answer alike; a time is of successful answers alone. */
function readExpires({ scope }: Location, found: Map<string, HeaderValue>, notes: Notes) {
  const [directive] = effective(scope, 'expires')
  const [value = ''] = directive?.args ?? []
  if (!directive || value === 'off') return
  if (!/^(-\w+|epoch|0s?)$/.test(value) || directive.args.length > 1)
    return notes.note('lost', directive, notes.texts.headers.expires, inText(directive))
  found.set(keyIn(found, 'Cache-Control'), { text: value.startsWith('0') ? 'max-age=0' : 'no-cache' })
  found.set(keyIn(found, 'Expires'), { text: '' })
  notes.note('look', directive, notes.texts.headers.onErrors, inText(directive))
}
