import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { switchTo } from '../../testing/sockets.ts'

/**
 * How a login is answered. A number: after so many ms. cut: reset in the middle of the body. stop: silence in the
 * middle of the body. endless: a byte now and then, for ever. silent: not a byte.
 */
export type Behaviour = number | 'cut' | 'stop' | 'endless' | 'silent'

/** One login, or one call of a page, that reached a node, were it only by its head. */
export type Arrival = {
  readonly node: string
  /** its body came whole: it was executed */
  whole: boolean
  /** a part of the response was sent, and not the rest */
  begun: boolean
  /**
   * answered: every byte of the response was handed to the system. killed: the node died, or cut its response, before
   * that. abandoned: the front closed the connection before that.
   */
  fate: 'open' | 'answered' | 'killed' | 'abandoned'
  /** when the backend last sent a byte of this response, or else when the login came; ms, monotonic */
  lastByteAt: number
  endedAt: number
}

export type Witness = ReturnType<typeof createWitness>

/** What a login costs an API that hashes the password, in ms; so some are in flight whenever something dies. */
export const LOGIN_MS = 20
const answerAsUsual = (_node: string, _count: number): Behaviour => LOGIN_MS
const DRIBBLE_MS = 50
/** What app/account/page.tsx asks for; its name is the id that was asked by. */
const ACCOUNT = { displayName: 'Taro', since: '2026-01-01T00:00:00Z' }

/** What the backend itself saw, without a word from the front. */
export function createWitness() {
  /** by X-Login-Id, or by X-Request-Id where a page calls, each with every arrival it had */
  const arrivals = new Map<string, Arrival[]>()
  /** when a connection died that had not carried a login as far as the backend saw, once for each */
  const freshDeaths: number[] = []
  const open = new Map<Arrival, Socket>()
  /** connections that have carried a login, and their nodes */
  const carriers = new Map<Socket, string>()
  const counts = { logins: 0, calls: 0 }

  const witness = {
    arrivals,
    freshDeaths,
    /** decides on each login and call; `count` says how many of its kind came before */
    how: answerAsUsual,
    settled,
    /** Forgets everything, and answers as at first. */
    reset() {
      arrivals.clear()
      freshDeaths.length = 0
      witness.how = answerAsUsual
    },
    /**
     * Call right before a node dies, in the same turn: what is open there is in flight on a connection that dies.
     * @param connections how many TCP sees; those that have carried no login yet are known to it alone
     */
    dies(node: string, connections: number) {
      const carrying = [...carriers.values()].filter(each => each === node).length
      for (let i = carrying; i < connections; i++) freshDeaths.push(performance.now())
      for (const arrival of open.keys()) if (arrival.node === node) end(arrival, 'killed')
    },
    /** Closes every connection that has carried a login and carries none now. */
    closeIdle() {
      const busy = new Set(open.values())
      for (const socket of carriers.keys()) if (!busy.has(socket)) socket.destroy()
    },
    /** A WebSocket: 101, and the id as the first bytes of the tunnel. */
    upgrade(req: IncomingMessage, socket: Duplex) {
      const { id, arrival } = arrive(req)
      arrival.whole = true
      const how = witness.how(arrival.node, counts.logins++)
      socket.once('close', () => end(arrival, 'abandoned')).on('error', () => {})
      if (typeof how !== 'number') return
      const timer = setTimeout(() => socket.write(switchTo(req, id), () => end(arrival, 'answered')), how)
      socket.once('close', () => clearTimeout(timer)).resume()
    },
    handler(req: IncomingMessage, res: ServerResponse) {
      const { id, arrival } = arrive(req)
      const kind = req.headers['x-login-id'] === undefined ? 'calls' : 'logins'
      const { node } = arrival
      res.once('close', () => end(arrival, 'abandoned'))
      req.resume().once('end', () => {
        arrival.whole = true
        answer(req, res, id, arrival, witness.how(node, counts[kind]++))
      })
    },
  }

  function arrive(req: IncomingMessage): { id: string; arrival: Arrival } {
    const node = req.socket.localAddress ?? ''
    if (!carriers.has(req.socket)) req.socket.once('close', () => carriers.delete(req.socket))
    carriers.set(req.socket, node)
    const lastByteAt = performance.now()
    const arrival: Arrival = { node, whole: false, begun: false, fate: 'open', lastByteAt, endedAt: 0 }
    const id = String(req.headers['x-login-id'] ?? req.headers['x-request-id'])
    arrivals.set(id, [...(arrivals.get(id) ?? []), arrival])
    open.set(arrival, req.socket)
    return { id, arrival }
  }

  /** Resolves when every login that came has its fate, or after a second. */
  async function settled() {
    for (let waited = 0; open.size > 0 && waited < 1000; waited += 10) await sleep(10)
  }

  function end(arrival: Arrival, fate: 'answered' | 'killed' | 'abandoned') {
    if (!open.delete(arrival)) return
    Object.assign(arrival, { fate, endedAt: performance.now() })
  }

  function answer(req: IncomingMessage, res: ServerResponse, id: string, arrival: Arrival, how: Behaviour) {
    const body = JSON.stringify({ id, node: arrival.node, ...ACCOUNT, name: id })
    const part = () => {
      arrival.begun = true
      res.setHeader('Content-Length', how === 'endless' ? 1e9 : body.length)
      res.write(body.slice(0, 10))
      arrival.lastByteAt = performance.now()
    }
    if (typeof how === 'number') {
      const timer = setTimeout(() => res.end(body, () => end(arrival, 'answered')), how)
      res.once('close', () => clearTimeout(timer))
    } else if (how !== 'silent') part()
    if (how === 'cut') {
      // first the part has to get through: a login of which nothing came is another row
      setTimeout(() => {
        end(arrival, 'killed')
        req.socket.destroy()
      }, DRIBBLE_MS)
    }
    if (how === 'endless') {
      const timer = setInterval(() => {
        res.write('.')
        arrival.lastByteAt = performance.now()
      }, DRIBBLE_MS)
      res.once('close', () => clearInterval(timer))
    }
  }

  return witness
}
