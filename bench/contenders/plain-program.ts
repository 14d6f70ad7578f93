import http from 'node:http'
import https from 'node:https'
import CacheableLookup from 'cacheable-lookup'
import { createProxyMiddleware } from 'http-proxy-middleware'

/**
 * The plain recipe: http-proxy-middleware and cacheable-lookup, each as its README has it, on a keep-alive agent. An answer of
 * DNS is kept for 3 s at most, as in the other contenders; an ALB's says 60.
 */
const { BACKEND_ORIGIN = '', DNS_SERVERS = '', HOST, PORT } = process.env

const agent = new https.Agent({ keepAlive: true })
const cacheable = new CacheableLookup({ maxTtl: 3 })
cacheable.servers = [DNS_SERVERS]
cacheable.install(agent)

const proxy = createProxyMiddleware({
  target: BACKEND_ORIGIN,
  changeOrigin: true,
  agent,
  pathFilter: '/user/login',
})

http
  .createServer((req, res) => {
    void proxy(req, res, () => res.writeHead(404).end())
  })
  .listen(Number(PORT), HOST)
