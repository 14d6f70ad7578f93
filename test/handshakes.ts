import http from 'node:http'
import type { Duplex } from 'node:stream'
import type { TestContext } from 'node:test'
import { acceptOf } from '../lib/proxy/handshake.ts'
import { listening } from './listening.ts'
import { stage } from './stage.ts'

export const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const HANDSHAKE = [
  'Connection: keep-alive, Upgrade',
  'Upgrade: websocket',
  `Sec-WebSocket-Key: ${KEY}`,
  'Sec-WebSocket-Version: 13',
]

export type OnUpgrade = (req: http.IncomingMessage, socket: Duplex, head: Buffer) => void

export const switched = (accept: string) =>
  `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: chat\r\n\r\n`

/** Switches, and sends all back that comes. */
export const echo: OnUpgrade = (req, socket, head) => {
  socket.write(switched(acceptOf(String(req.headers['sec-websocket-key']))))
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
  return { ...front, seen, sockets }
}

export const shake = (path: string, headers: readonly string[] = []) =>
  `GET ${path} HTTP/1.1\r\n${['Host: front.example', ...HANDSHAKE, ...headers].join('\r\n')}\r\n\r\n`
