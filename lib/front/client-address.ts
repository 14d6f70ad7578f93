import { timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Log } from '../log.ts'
import { digestOf } from '../settings/secret.ts'
import type { Config } from '../settings/settings.ts'
import { addressOf } from './client.ts'

export type TakeAddress = NonNullable<ReturnType<typeof takeAddressBy>>

/**
 * CloudFront puts the port behind the address, without brackets around an IPv6 one (`2001:db8::7:46532`): read as an
 * address, that would be another one for each connection.
 */
const WITH_PORT = 'cloudfront-viewer-address'

/** So many requests in a row without an address: one alone may be a scanner's, which comes past the CDN. */
const MANY = 20

/**
 * Reads CLIENT_ADDRESS_HEADER. The headers with a secret are taken away from every request, and so is the address where it is
 * not trusted: neither pages nor backend could tell. Where none comes any more, the log says so, once until one comes again.
 */
export function takeAddressBy(
  config: Pick<Config, 'CLIENT_ADDRESS_HEADER' | 'CLIENT_ADDRESS_PROOF'>,
  log: Log,
) {
  const { CLIENT_ADDRESS_HEADER: name, CLIENT_ADDRESS_PROOF: proof } = config
  if (name === '' || proof === null) return undefined
  const secrets = proof === 'network' ? [] : proof
  let without = 0

  function look(isProven: boolean, address: string | undefined) {
    without = isProven && address !== undefined ? 0 : without + 1
    if (without !== MANY) return
    const cause = isProven ? 'it has no address' : 'no secret of CLIENT_ADDRESS_PROOF came with it'
    log.warn(
      { header: name, cause },
      'CLIENT_ADDRESS_HEADER names no client: LOGIN_LIMIT counts the address in X-Forwarded-For, behind a CDN that of an edge server, so that the failures of one visitor lock out others',
    )
  }

  /** @returns undefined without proof */
  return (headers: IncomingHttpHeaders, isTrusted: boolean): string | undefined => {
    const isProven =
      proof === 'network' ||
      secrets.some(secret => {
        const sent = headers[secret.name]
        return typeof sent === 'string' && timingSafeEqual(digestOf(sent), secret.digest)
      })
    for (const secret of secrets) delete headers[secret.name]
    const value = headers[name]
    const address = typeof value === 'string' ? addressIn(name, value) : undefined
    // an ALB's own health checks have neither
    if (isTrusted && (value ?? headers['x-forwarded-for']) !== undefined) look(isProven, address)
    if (isTrusted && isProven && address !== undefined) return address
    delete headers[name]
    return undefined
  }
}

const addressIn = (name: string, value: string) =>
  addressOf(name === WITH_PORT ? value.replace(/:\d{1,5}$/, '') : value)
