import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { listen } from '../../lib/front/listen.ts'

/**
 * The API of a link: counts how often each login is executed, and closes idle connections while logins arrive. It prints
 * its port first, and at SIGTERM the counts. Its environment:
 */
export type BackendSettings = {
  HOST: string
  /** PEM; plain HTTP without them */
  KEY?: string
  CERT?: string
  /** how an idle connection is closed: as an ALB does, as Node does (no close_notify), or by a reset */
  CLOSE: 'notify' | 'destroy' | 'reset'
  /** the part of the responses soon after which the connection is closed, if it is idle then */
  CLOSE_SHARE: string
  /** the part of the logins after whose execution the connection is closed in place of an answer */
  CRASH_SHARE: string
}

export type BackendCounts = {
  /** how often each login was executed, by its X-Login-Id: all of its body had arrived */
  executions: Record<string, number>
  connections: number
  /** idle connections closed */
  closed: number
  /** connections closed in place of an answer */
  crashed: number
  /** of the closed ones, those that a login was on its way to: the kernel's count, at least */
  crossed: number
}

const { HOST, KEY, CERT, CLOSE, CLOSE_SHARE, CRASH_SHARE } = process.env
/** A closing comes at most so long after a response, as often in 1 to 10 ms as in 10 to 100: pools differ in reuse. */
const CLOSE_WITHIN_MS = 100
/** The work of a login, at most. */
const WORK_MS = 4

/** The last request of each connection, until it is answered. */
const busy = new WeakMap<Socket, http.ServerResponse>()
const closing = new WeakSet<Socket>()
/** The TCP sockets below TLS, by the client's port. */
const sockets = new Map<number | undefined, Socket>()
const counts: BackendCounts = { executions: {}, connections: 0, closed: 0, crashed: 0, crossed: 0 }

function onRequest(req: http.IncomingMessage, res: http.ServerResponse) {
  const { socket } = req
  // whoever has sent its close takes nothing more from that connection, as an ALB does
  if (closing.has(socket)) return
  busy.set(socket, res)
  req.resume().once('end', () => void login(req, res))
  // a busy event loop may tell of the end of one response after the next request
  const done = () => busy.get(socket) === res && busy.delete(socket)
  res.once('close', done)
  res.once('finish', () => {
    if (done() && Math.random() < Number(CLOSE_SHARE)) closeLater(socket)
  })
}

async function login(req: http.IncomingMessage, res: http.ServerResponse) {
  const id = String(req.headers['x-login-id'])
  counts.executions[id] = (counts.executions[id] ?? 0) + 1
  if (Math.random() < Number(CRASH_SHARE)) {
    counts.crashed++
    close(req.socket)
    return
  }
  await sleep(Math.random() * WORK_MS)
  // said outright, or Node adds `Keep-Alive: timeout=…`, which an ALB does not
  res.setHeader('Connection', 'keep-alive')
  res.end('{}')
}

/** In the phase of the event loop that follows the reading of all sockets, as in Nginx. */
function closeLater(socket: Socket) {
  const closeIdle = () => {
    if (busy.has(socket) || socket.destroyed) return
    counts.closed++
    close(socket)
  }
  setTimeout(() => setImmediate(closeIdle), CLOSE_WITHIN_MS ** Math.random())
}

function close(socket: Socket) {
  closing.add(socket)
  if (CLOSE === 'reset') sockets.get(socket.remotePort)?.resetAndDestroy()
  else if (CLOSE === 'destroy') socket.destroy()
  else socket.destroySoon()
}

/** One of the kernel's own counts of TCP, in this network namespace. */
function kernelCount(file: 'netstat' | 'snmp', group: string, name: string): number {
  const lines = readFileSync(`/proc/self/net/${file}`, 'utf8').split('\n')
  const [names = '', values = ''] = lines.filter(line => line.startsWith(`${group}: `))
  return Number(values.split(' ')[names.split(' ').indexOf(name)])
}

/** Data for a connection that was closed are answered by a reset; those that came just before are dropped unread. */
function crossed(): number {
  if (counts.closed === 0) return 0
  if (CLOSE === 'reset') return kernelCount('snmp', 'Tcp', 'OutRsts') - counts.closed - counts.crashed
  const late = kernelCount('netstat', 'TcpExt', 'TCPAbortOnData')
  const unread = kernelCount('netstat', 'TcpExt', 'TCPAbortOnClose')
  return late + unread
}

const limits = { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 }
const server =
  KEY && CERT
    ? https.createServer({ ...limits, key: KEY, cert: CERT, minVersion: 'TLSv1.2' }, onRequest)
    : http.createServer(limits, onRequest)
server.on('connection', (socket: Socket) => {
  const { remotePort } = socket
  counts.connections++
  sockets.set(remotePort, socket)
  socket.setNoDelay(true)
  socket.on('error', () => {})
  socket.once('close', () => sockets.delete(remotePort))
})
process.stdout.write(`port ${await listen(server, 0, HOST ?? '')}\n`)

process.once('SIGTERM', () => {
  counts.crossed = crossed()
  process.stdout.write(`${JSON.stringify(counts)}\n`, () => process.exit())
})
