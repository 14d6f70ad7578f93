import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { BODIES_FULL, GatewayError } from '../../http/errors.ts'
import type { Body } from '../../proxy/body.ts'
import { nameInAuthorization } from './authorization.ts'
import { addBody, addForm, queryOf } from './body-fields.ts'
import { createFields, type Field } from './fields.ts'
import { fold } from './fold.ts'
import { findNames } from './names.ts'
import { refused } from './text.ts'

/** A login has one name, or the same person's name and address; a list of names would count against them all. */
const MOST_NAMES = 4

type Head = Pick<IncomingMessage, 'url' | 'headers'>
type Kept = Pick<Body, 'kept' | 'crowded'>

/** The accounts that a login names. */
export type Accounts = {
  /** in a fixed order */
  readonly keys: readonly string[]
  /**
   * Which of them stands in Basic or Digest credentials alone, beside a name elsewhere. All visitors may share it: the client of
   * OAuth (RFC 6749 §4.3.2), or the password before a test site.
   */
  readonly sharedKey: string | undefined
}

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
 * The keys of the accounts that a login names in its query, its Basic or Digest credentials or its body (JSON, form, multipart,
 * XML); `findNames` says which fields count. All of them: if one were chosen, an invented name beside the real
 * one would hide that (of `sharedKey`, the API's challenge tells whether it was the real one). A name is hashed, so that no store shows it; whoever can guess it can still recognise it. Not seen: arguments
 * written into the text of a GraphQL query, or a list of JSON-RPC without names.
 * @throws GatewayError for what the API might read a name in and this cannot: BODY_TOO_LARGE at a body that is not
 *   kept, BACKEND_FULL where none can be kept at the moment, BAD_REQUEST at a compressed one, one that is not valid for its
 *   type or has a key twice, Basic or Digest credentials that are none, or more than four names
 */
export async function accountKeys(req: Head, body: Kept | undefined): Promise<Accounts> {
  /** as they are spelled: folding takes time, and a form may have thousands of fields */
  const names = new Set<string>()
  const add = (name: string) => {
    if (name.trim() === '') return
    // behind NUL some readers read on
    if (/[\0\ufffd]/.test(name)) throw refused('a name that is no text')
    names.add(name)
    if (names.size > MOST_NAMES) throw refused('more than four account names')
  }
  const fields = createFields()
  addForm(fields, queryOf(req.url))
  if (body) addKept(fields, req, body)
  findNames(fields, add)
  const keys = new Set([...names].map(keyOf))
  const credentials = nameInAuthorization(req.headers.authorization) ?? ''
  add(credentials)
  const own = credentials.trim() === '' ? undefined : keyOf(credentials)
  const sharedKey = keys.size > 0 && own !== undefined && !keys.has(own) ? own : undefined
  if (own !== undefined) keys.add(own)
  return { keys: [...keys].sort(), sharedKey }
}

/** A name of which nothing is left counts as it is. */
const keyOf = (name: string) => hash('sha256', fold(name) || name.trim())

function addKept(fields: Field, { headers }: Head, { kept, crowded }: Kept) {
  // what cannot be looked at is not let through
  if (!kept)
    throw crowded ? new GatewayError('BACKEND_FULL', BODIES_FULL) : new GatewayError('BODY_TOO_LARGE')
  const coding = headers['content-encoding'] ?? 'identity'
  if (coding.toLowerCase() !== 'identity') throw new GatewayError('BAD_REQUEST', new Error('compressed body'))
  addBody(fields, kept, headers['content-type'] ?? '')
}
