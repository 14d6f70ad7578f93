import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { GatewayError } from '../../http/errors.ts'
import type { Body } from '../../proxy/body.ts'
import { type Look, lookIntoFields, lookIntoForm } from './body-fields.ts'
import { fold } from './fold.ts'
import { refused } from './text.ts'

/** Names of fields that hold an account's name, without case, hyphens and underscores: `user_id`, `userId`. */
const FIELDS: ReadonlySet<string> = new Set([
  ...['name', 'username', 'user', 'userid', 'email', 'mail', 'id'],
  ...['account', 'accountname', 'accountid', 'login', 'loginname', 'loginid'],
])
/** A login has one name, or the same person's name and address; a list of names would count against them all. */
const MOST_NAMES = 4
/** How deep a field may lie: `{"user":{"email":"…"}}`, `user[email]=…`. */
const MOST_DEPTH = 3

type Head = Pick<IncomingMessage, 'url' | 'headers'>
type Kept = Pick<Body, 'kept' | 'crowded'>

/**
 * The key of a client: its IPv4 address, or the /64 of its IPv6 address, out of which a single host may take any
 * (RFC 8981).
 */
export function addressKey(address: string): string {
  if (isIP(address) !== 6) return address
  const { hostname } = new URL(`http://[${address.replace(/%.*/, '')}]`)
  const [front = [], back = []] = hostname
    .slice(1, -1)
    .split('::')
    .map(part => (part === '' ? [] : part.split(':')))
  const gap = Array<string>(8 - front.length - back.length).fill('0')
  return `${[...front, ...gap, ...back].slice(0, 4).join(':')}::/64`
}

/**
 * The keys of the accounts that a login names in its query, its Basic credentials or its body (JSON, form, multipart, XML),
 * in a fixed order. All of them: if one were chosen, an invented name beside the real one would hide that. A name is
 * hashed, so that no store shows it; whoever can guess it can still recognise it.
 * @throws GatewayError for what the API might read a name in and this cannot: BODY_TOO_LARGE at a body that is not
 *   kept, BACKEND_FULL where none can be kept at the moment, BAD_REQUEST at a compressed one, one that is not valid for its
 *   type or has a key twice, Basic credentials that are none, or more than four names
 */
export async function accountKeys(req: Head, body: Kept | undefined): Promise<string[]> {
  /** as they are spelled: folding takes time, and a form may have thousands of fields */
  const names = new Set<string>()
  const add = (name: string) => {
    if (name.trim() !== '') names.add(name)
    if (names.size > MOST_NAMES) throw refused('more than four account names')
  }
  const look = (value: unknown, field = '', depth = 0) => {
    if (typeof value === 'object' && value !== null) {
      if (depth === MOST_DEPTH) return
      const entries = Array.isArray(value) ? value.map(each => [field, each] as const) : Object.entries(value)
      for (const [key, each] of entries) look(each, key, depth + 1)
    } else if (isNamed(field) && (typeof value === 'string' || typeof value === 'number')) {
      if (String(value).includes('\ufffd')) throw refused('a name that is no UTF-8')
      add(String(value))
    }
  }
  lookIntoForm(/\?(.*)/s.exec(req.url ?? '')?.[1] ?? '', look)
  add(nameInBasic(req.headers.authorization) ?? '')
  if (body) lookIntoBody(req, body, look)
  // one of which nothing is left counts as it is
  const counted = new Set([...names].map(each => fold(each) || each.trim()))
  return [...counted].map(name => hash('sha256', name)).sort()
}

const isNamed = (field: string) => FIELDS.has(field) || FIELDS.has(bare(field))

/**
 * `user[email]`, `user.email`, `form:email`, `ctl00$email`, `E-Mail` → `email`. Spaces, `!` and what is behind NUL go, as PHP and Spring have it; Go
 * takes `ſ` for `s`.
 */
const bare = (field: string) =>
  (
    field
      .replace(/\0.*/s, '')
      .split(/[[\].:]+|(?<=\w)\$/)
      .findLast(part => part.trim() !== '') ?? ''
  )
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
    .replace(/[\s!_-]/g, '')

function nameInBasic(authorization: string | undefined): string | undefined {
  const [, rest] = /^\s*basic(?![\w-])(.*)$/is.exec(authorization ?? '') ?? []
  if (rest === undefined) return undefined
  const [, credentials] = /^[ \t]+([\w+/-]+=*)\s*$/.exec(rest) ?? []
  if (credentials === undefined) throw new GatewayError('BAD_REQUEST', new Error('no Basic credentials'))
  return Buffer.from(credentials, 'base64').toString().split(':')[0]
}

function lookIntoBody({ headers }: Head, { kept, crowded }: Kept, look: Look) {
  // what cannot be looked at is not let through
  if (!kept) throw new GatewayError(crowded ? 'BACKEND_FULL' : 'BODY_TOO_LARGE')
  const coding = headers['content-encoding'] ?? 'identity'
  if (coding.toLowerCase() !== 'identity') throw new GatewayError('BAD_REQUEST', new Error('compressed body'))
  lookIntoFields(Buffer.concat(kept), headers['content-type'] ?? '', look)
}
