import { all } from './kinds.ts'
import { digestOf } from './secret.ts'

/**
 * What proves that a request came through the CDN: `network`, where nobody else can reach the load balancer, or one of these
 * headers with its secret. Of the secret there is the SHA-256 digest alone, so that nothing can print it.
 */
export type AddressProof = 'network' | readonly SecretHeader[]
export type SecretHeader = { readonly name: string; readonly digest: Buffer }

/** RFC 9110 §5.6.2, without the underscore: admission drops such headers. */
const NAME = /^[a-z\d!#$%&'*+.^`|~-]+$/
/** They are read in another way, or belong to the request itself. */
const TAKEN =
  /^(x-forwarded.*|x-request-id|forwarded|host|cookie|origin|authorization|content-.*|connection|transfer-encoding|upgrade|te|trailer|expect|proxy.*)$/
/** A header with a secret of 16 visible characters or more, none of them a comma. */
const PAIR = /^([^:\s]+):\s*([!-+\--~]{16,})$/

const isName = (name: string) => NAME.test(name) && !TAKEN.test(name)

/** CLIENT_ADDRESS_HEADER: a header's name in lower case, empty for none. */
export function parseAddressHeader(text: string): string | undefined {
  const name = text.toLowerCase()
  return name === '' || isName(name) ? name : undefined
}

/** CLIENT_ADDRESS_PROOF: `network`, or headers with their secrets, comma separated; null for none. */
export function parseAddressProof(text: string): AddressProof | null | undefined {
  if (text === '') return null
  if (text === 'network') return text
  const pairs = all(text, part => isName((PAIR.exec(part)?.[1] ?? '').toLowerCase()))
  return pairs && Object.freeze(pairs.map(headerOf))
}

function headerOf(part: string): SecretHeader {
  const [, name = '', secret = ''] = PAIR.exec(part) ?? []
  return Object.freeze({ name: name.toLowerCase(), digest: digestOf(secret) })
}
