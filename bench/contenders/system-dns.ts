import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import type { LookupFunction } from 'node:net'

/**
 * Imported before `next start`, which looks names up by the system alone: the API's name is asked for at DNS_SERVERS, as
 * getaddrinfo does it, that is at every connection, without a cache, and twice with a wait of 5 s (resolv.conf(5)).
 */
const { BACKEND_ORIGIN = '', DNS_SERVERS = '' } = process.env

const { hostname } = new URL(BACKEND_ORIGIN)
const resolver = new dns.Resolver({ timeout: 5000, tries: 2 })
resolver.setServers([DNS_SERVERS])
const { lookup: lookUpBySystem } = dns

const lookup: LookupFunction = (name, options, done) => {
  if (name !== hostname) return lookUpBySystem(name, options, done)
  resolver.resolve4(name, (error, addresses = []) => {
    const [first] = addresses
    if (error || first === undefined) return done(error ?? new Error(`${name} has no address`), '')
    if (options.all)
      done(
        null,
        addresses.map(address => ({ address, family: 4 })),
      )
    else done(null, first, 4)
  })
}

Object.assign(dns, { lookup })
syncBuiltinESMExports()
