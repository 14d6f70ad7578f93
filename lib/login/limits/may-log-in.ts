import type { IncomingMessage } from 'node:http'
import { SAFE } from '../../http/methods.ts'
import { addForm, formFields, hasTooMany, queryOf } from './body-fields.ts'
import { isPassword, pathOf } from './field-names.ts'
import { createFields, type Field } from './fields.ts'
import { findNames } from './names.ts'

/**
 * Whether a request to a login's path may be a login. One by GET is where it carries credentials, or guesses could be sent by GET: many a handler
 * looks at no method (Go's HandleFunc, Spring's @RequestMapping, a PHP script). A page has none, and neither has a question for an expired session.
 */
export function mayLogIn(req: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): boolean {
  const { method = '', url = '', headers } = req
  if (!SAFE.has(method)) return true
  const { 'content-length': length, 'transfer-encoding': coding, authorization = '' } = headers
  const hasBody = Number(length ?? 0) > 0 || coding !== undefined
  return hasBody || /^\s*(?:basic|digest)\b/i.test(authorization) || hasPassword(url)
}

/** `a[b]` are two: 20,000 take 12 ms of CPU, before anything is refused. */
const MOST_NAMES = 4000

/** Whether the query of a request target has a password, or so many fields, or so deep ones, that nobody looks for it there. */
function hasPassword(url: string): boolean {
  const query = queryOf(url)
  if (query === '') return false
  if (hasTooMany(query)) return true
  try {
    let names = 0
    for (const [field] of formFields(query)) {
      const path = pathOf(field)
      names += path.length
      if (names > MOST_NAMES || path.some(isPassword)) return true
    }
    return false
  } catch {
    return true
  }
}

/** `?reset_password=1` says what a page shows. */
const FLAG = /^(?:[01]|true|false|yes|no|on|off)$/i
/** A link to a login has a dozen at most. 1,000 take 16 ms of CPU, on each GET that says it comes from another site. */
const MOST_IN_LINK = 100
/** What a link in a mail has, to log in by. */
const MAILED = /(?:passcode|pin|pincode)$/

/**
 * Whether the query of a request target has an account's name and a password, as a login by GET has, or so many fields that nobody
 * looks for them. A link in a mail has none: `?email=…&passcode=123456`, `?email=…&reset_password=true`.
 */
export function hasCredentials(url: string): boolean {
  const query = queryOf(url)
  if (hasTooMany(query, MOST_IN_LINK)) return true
  const fields = createFields()
  let isNamed = false
  try {
    addForm(fields, query)
    findNames(fields, name => {
      isNamed ||= name.trim() !== ''
    })
  } catch {
    return true
  }
  return isNamed && holdsPassword(fields)
}

function holdsPassword(top: Field): boolean {
  const left = [top]
  for (let next = left.pop(); next; next = left.pop()) {
    if (isPassword(next.name) && !MAILED.test(next.name) && next.values.some(value => !FLAG.test(value)))
      return true
    left.push(...next.below)
  }
  return false
}
