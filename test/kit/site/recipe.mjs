import http from 'node:http'
import https from 'node:https'
import CacheableLookup from 'cacheable-lookup'
import { createProxyMiddleware } from 'http-proxy-middleware'
import next from 'next'

/** The plain recipe: http-proxy-middleware and cacheable-lookup, each as its README has it, in a custom server of Next. */
const { BACKEND_ORIGIN, DNS_SERVERS, HOST, PORT } = process.env
const app = next({ dev: false })
await app.prepare()
const pages = app.getRequestHandler()

const agent = new https.Agent({ keepAlive: true })
const cacheable = new CacheableLookup()
cacheable.servers = [DNS_SERVERS]
cacheable.install(agent)
const proxy = createProxyMiddleware({
  target: BACKEND_ORIGIN,
  changeOrigin: true,
  agent,
  pathFilter: '/user/login',
})

http.createServer((req, res) => void proxy(req, res, () => pages(req, res))).listen(Number(PORT), HOST)
