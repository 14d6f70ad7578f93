import type { LookupFunction } from 'node:net'
import httpProxy from '@fastify/http-proxy'
import CacheableLookup from 'cacheable-lookup'
import fastify from 'fastify'

/** @fastify/http-proxy as its README has it: over undici's pool; names by cacheable-lookup, as in the plain recipe. */
const { BACKEND_ORIGIN = '', DNS_SERVERS = '', HOST = '', PORT } = process.env

const cacheable = new CacheableLookup({ maxTtl: 3 })
cacheable.servers = [DNS_SERVERS]

/** As `net.connect` wants it; cacheable-lookup's own has other overloads. */
const lookup: LookupFunction = (name, { all }, done) => {
  cacheable.lookupAsync(name, { all: true }).then(
    entries => {
      const [first] = entries
      if (all || !first) done(null, [...entries])
      else done(null, first.address, first.family)
    },
    (error: Error) => done(error, ''),
  )
}

const server = fastify()
await server.register(httpProxy, {
  upstream: BACKEND_ORIGIN,
  prefix: '/user/login',
  rewritePrefix: '/user/login',
  undici: { connect: { lookup } },
})
await server.listen({ host: HOST, port: Number(PORT) })
