import { timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { digestOf } from '../settings/secret.ts'
import type { Config } from '../settings/settings.ts'
import { addressOf } from './client.ts'

/** Takes the client's address out of a CDN's header; undefined without proof. */
export type TakeAddress = (headers: IncomingHttpHeaders, isTrusted: boolean) => string | undefined

/**
 * CloudFront puts the port behind the address, without brackets around an IPv6 one (`2001:db8::7:46532`): read as an
 * address, that would be another one for each connection.
 */
const WITH_PORT = 'cloudfront-viewer-address'

/**
 * Reads CLIENT_ADDRESS_HEADER. The headers with a secret are taken away from every request, and so is the address where it is
 * not trusted: neither pages nor backend could tell.
 */
export function takeAddressBy({
  CLIENT_ADDRESS_HEADER: name,
  CLIENT_ADDRESS_PROOF: proof,
}: Pick<Config, 'CLIENT_ADDRESS_HEADER' | 'CLIENT_ADDRESS_PROOF'>): TakeAddress | undefined {
  if (name === '' || proof === null) return undefined
  const secrets = proof === 'network' ? [] : proof
  return (headers, isTrusted) => {
    const isProven =
      proof === 'network' ||
      secrets.some(secret => {
        const sent = headers[secret.name]
        return typeof sent === 'string' && timingSafeEqual(digestOf(sent), secret.digest)
      })
    for (const secret of secrets) delete headers[secret.name]
    const value = headers[name]
    const address = isTrusted && isProven && typeof value === 'string' ? addressIn(name, value) : undefined
    if (address === undefined) delete headers[name]
    return address
  }
}

const addressIn = (name: string, value: string) =>
  addressOf(name === WITH_PORT ? value.replace(/:\d{1,5}$/, '') : value)
