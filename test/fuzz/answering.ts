import { once } from 'node:events'
import type net from 'node:net'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { listen } from '../../lib/front/listen.ts'
import type { Authority } from '../../testing/certificates.ts'
import type { DnsServer } from '../../testing/dns.ts'
import { type Received, receive } from '../received.ts'
import { plainAnswer, type Script } from './answers.ts'
import { membersOf, valuesOf } from './message.ts'
import { type Request, readReplies, readRequests } from './reading.ts'

/** What the backend did for a request: its bytes, in part where the front hung up before the end. */
export type Answering = { sent: string; ended: boolean; reset: boolean }

/** `through` is called when the backend has done all of it. */
export type Scripted = { readonly script: Script; readonly through: () => void }

export type Stray = { readonly at: number; id?: string }

/** A request that comes so soon behind a stray may have been on its way already; ms. */
const ON_ITS_WAY_MS = 100

export type AnsweringBackend = Awaited<ReturnType<typeof startAnswering>>

const NAME = 'api.dev.jp'

/** A backend on bare TLS connections that follows scripts. */
export async function startAnswering(dns: DnsServer, authority: Authority) {
  /** by X-Case; any other request gets a plain answer */
  const scripts = new Map<string, Scripted>()
  /** by X-Case, the last time */
  const answerings = new Map<string, Answering>()
  /** by X-Case, how often the request arrived whole */
  const executions = new Map<string, number>()
  /** when the backend was told to end a connection by itself, and when it was closed; ms, monotonic */
  const closes: number[] = []
  /**
   * Bytes that answer nothing: when they were sent, and the X-Case of the request that came next over their connection,
   * where one did. Such bytes cannot be told from the answer to a request that they cross; those that had come before it can.
   * Each later request over a connection where they have crossed one is here, too.
   */
  const strays: Stray[] = []
  const lastStray = new WeakMap<tls.TLSSocket, Stray>()
  /** a stray has crossed a request there: each answer may be taken for that of the request behind its own */
  const ahead = new WeakSet<tls.TLSSocket>()
  /** the TCP connections below TLS, by the other side's port */
  const below = new Map<number | undefined, net.Socket>()
  const server = tls.createServer(await authority.issue([NAME]), socket => void serve(socket))
  server.on('connection', socket => {
    const port = socket.remotePort
    below.set(port, socket)
    // or small writes wait for the front's next bytes, and cross them
    socket.setNoDelay(true)
    socket.once('close', () => below.delete(port)).on('error', () => {})
  })
  server.on('tlsClientError', () => {})
  const port = await listen(server, 0, '127.0.0.1')
  dns.list(NAME, ['127.0.0.1'])

  async function serve(socket: tls.TLSSocket) {
    const input = receive(socket)
    while (!input.over) {
      const asked = await input.until(text => {
        const { requests, unfinished } = readRequests(text, 1)
        return requests[0] ?? unfinished
      })
      if (!asked) break
      await answer(socket, input, asked)
    }
    socket.destroy()
  }

  async function answer(socket: tls.TLSSocket, input: Received, asked: Request) {
    const id = valuesOf(asked.headers, 'x-case').join()
    const { script, through } = scripts.get(id) ?? {}
    const stray = lastStray.get(socket)
    if (ahead.has(socket)) strays.push({ at: performance.now(), id })
    else if (stray && stray.id === undefined && performance.now() - stray.at < ON_ITS_WAY_MS)
      ahead.add(socket)
    if (stray) stray.id ??= id
    const expects = membersOf(asked.headers, 'expect').includes('100-continue')
    const isWhole = () => readRequests(input.text, 1).requests.length > 0
    if (script?.at !== 'head') {
      if (expects && !isWhole()) socket.write(script?.toExpect ?? 'HTTP/1.1 100 Continue\r\n\r\n', 'latin1')
      if (!(await input.until(text => readRequests(text, 1).requests[0]))) return
    }
    const count = () => void executions.set(id, (executions.get(id) ?? 0) + 1)
    const counted = isWhole()
    if (counted) count()
    const answering: Answering = { sent: '', ended: false, reset: false }
    answerings.set(id, answering)
    if (script) await follow(socket, input, script, asked.method, answering)
    else socket.write(plainAnswer(id, asked.method), 'latin1')
    through?.()
    if (!counted && (await input.until(text => readRequests(text, 1).requests[0]))) count()
    input.take(readRequests(input.text, 1).length)
  }

  function goAstray(socket: tls.TLSSocket) {
    const stray: Stray = { at: performance.now() }
    strays.push(stray)
    lastStray.set(socket, stray)
  }

  async function follow(
    socket: tls.TLSSocket,
    input: Received,
    script: Script,
    method: string,
    answering: Answering,
  ) {
    const { pieces, endless, late, end } = script
    const [meant] = readReplies(pieces.join(''), [method], false).replies
    const write = async (piece: string) => {
      if (input.over || !socket.writable) return
      // over a connection that the answer had left idle
      if (meant?.whole && answering.sent.length >= meant.end) goAstray(socket)
      answering.sent += piece
      socket.write(piece, 'latin1')
      await (script.pauseMs > 0 ? sleep(script.pauseMs) : setImmediate())
    }
    for (const piece of pieces) await write(piece)
    while (endless && !input.over && socket.writable) {
      await write(endless.piece)
      await sleep(endless.everyMs)
    }
    if (late) {
      await sleep(late.afterMs)
      await write(late.bytes)
    }
    if (end === 'keep') return
    if (late) await sleep(late.afterMs)
    answering.ended = end === 'fin'
    answering.reset = end === 'reset'
    const tcp = below.get(socket.remotePort)
    closes.push(performance.now())
    // both end it only when all has been written
    tcp?.once('close', () => closes.push(performance.now()))
    if (end === 'fin') socket.end()
    else tcp?.resetAndDestroy()
  }

  return {
    origin: `https://${NAME}:${port}`,
    scripts,
    answerings,
    executions,
    closes,
    strays,
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of below.values()) socket.destroy()
      await closed
    },
  }
}
