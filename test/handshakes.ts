import http from 'node:http'
import type { Duplex } from 'node:stream'
import type { TestContext } from 'node:test'
import { acceptOf, switched, switchTo } from '../testing/sockets.ts'
import { listening } from './listening.ts'
import { request } from './raw.ts'
import { stage } from './stage.ts'

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

/** A client's handshake, byte for byte. */
export const shake = (path: string, headers: readonly string[] = []) =>
  request(`GET ${path}`, [
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Key: ${KEY}`,
    'Sec-WebSocket-Version: 13',
    ...headers,
  ])

/** What answers `shake`. */
export const ACCEPT = acceptOf(KEY)
export const SWITCHED = switched(ACCEPT)

export type OnUpgrade = (req: http.IncomingMessage, socket: Duplex, head: Buffer) => void

/** Switches to the protocol `chat`, and sends all back that comes. */
export const echo: OnUpgrade = (req, socket, head) => {
  socket.write(switchTo(req).replace(/\r\n$/, 'Sec-WebSocket-Protocol: chat\r\n\r\n'))
  socket.write(head)
  socket.on('error', () => {}).pipe(socket)
}

/** A front before an API on plain HTTP; `seen` is what the API got, plain requests and upgrades. */
export async function setUp(t: TestContext, onUpgrade: OnUpgrade = echo, env: Record<string, string> = {}) {
  const seen: { line: string; headers: http.IncomingHttpHeaders; upgrade: boolean }[] = []
  const note = (req: http.IncomingMessage, upgrade: boolean) =>
    seen.push({ line: `${req.method} ${req.url}`, headers: req.headers, upgrade })
  const sockets = new Set<Duplex>()
  const server = http
    .createServer((req, res) => {
      note(req, false)
      req.resume().on('end', () => res.end('plain'))
    })
    .on('upgrade', (req, socket, head) => {
      note(req, true)
      sockets.add(socket.on('error', () => {}))
      onUpgrade(req, socket, head)
    })
  const api = `http://127.0.0.1:${await listening(t, server)}`
  const front = await stage(t, {
    env: { CONNECT_TIMEOUT: '300ms', ...env },
    config: to => ({
      routes: [
        { path: '/user/login', to: api },
        { path: '/ws/', to: `${api}/v1/` },
        { path: '= /alone', to: `${api}/v1/alone` },
        { path: '/off', to: api, upgrade: false },
        { path: '/slow', to: api, timeout: '50ms' },
        { path: '/keyed', to: api, headers: { 'X-Key': 'k', Cookie: '' } },
        { path: '/gone', to: 'http://127.0.0.1:1' },
        { path: '/other', to },
      ],
    }),
  })
  return { ...front, seen, sockets, apiServer: server }
}
