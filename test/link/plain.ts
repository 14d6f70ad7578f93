import http from 'node:http'
import https from 'node:https'
import { createProxyMiddleware } from 'http-proxy-middleware'
import { listen } from '../../lib/front/listen.ts'

/** The plain recipe in the front's place: http-proxy-middleware and a keep-alive agent. env BACKEND_ORIGIN. */
const { BACKEND_ORIGIN = '' } = process.env
const secure = BACKEND_ORIGIN.startsWith('https:')
const agent = secure ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true })
const proxy = createProxyMiddleware({ target: BACKEND_ORIGIN, changeOrigin: true, agent })

const server = http.createServer((req, res) => void proxy(req, res))
const port = await listen(server, 0, '127.0.0.1')
process.stdout.write(`${JSON.stringify({ msg: 'ready', port })}\n`)
