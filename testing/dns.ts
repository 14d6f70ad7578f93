import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, isIPv4, type Server, type Socket } from 'node:net'
import packet from 'dns-packet'

/**
 * truncate: UDP answers have TC set and no records, TCP has them all. empty: no records, no error.
 * wrong-name: the records are of another name than the one asked for.
 */
export type DnsBehaviour = 'answer' | 'silent' | 'servfail' | 'nxdomain' | 'empty' | 'truncate' | 'wrong-name'

export type DnsQuery = { name: string; type: string; over: 'udp' | 'tcp'; at: number }

export type DnsServer = {
  /** `127.0.0.1:5353`, as DNS_SERVERS and `resolver.setServers()` take it. */
  address: string
  /** What a name answers from now on: IPv4 as A, IPv6 as AAAA; ttl in seconds, 1 if left out. */
  list(name: string, addresses: string[], ttl?: number): void
  /** A name answers SERVFAIL from now on, or as is said, until it is listed again. */
  fail(name: string, how?: 'servfail' | 'refused' | 'silent'): void
  /** How questions are answered from now on: all of them, or those for A (4) or AAAA (6) only. */
  behave(how: DnsBehaviour, family?: 4 | 6): void
  /** rotate: each answer starts one address further. */
  order: 'fixed' | 'rotate'
  /** This many addresses in an answer, others each time: a large ALB lists only a part of its nodes. */
  subset: number | undefined
  /** The last 10,000 questions, names in lower case, `at` in epoch milliseconds. */
  queries: DnsQuery[]
  close(): Promise<void>
}

type Zone = { ttl: number; A: string[]; AAAA: string[]; answers: { A: number; AAAA: number } }

const SERVFAIL = 2
const NXDOMAIN = 3
const REFUSED = 5
const KEPT_QUERIES = 10_000

/** A DNS server on one free port of 127.0.0.1, UDP and TCP, that knows the names it is given. */
export async function startDns(): Promise<DnsServer> {
  const { udp, tcp, port } = await bindBoth()
  const zones = new Map<string, Zone>()
  const failing = new Map<string, 'servfail' | 'refused' | 'silent'>()
  const how: { A: DnsBehaviour; AAAA: DnsBehaviour } = { A: 'answer', AAAA: 'answer' }
  const open = new Set<Socket>()

  udp.on('message', (message, from) => {
    const reply = answer(message, 'udp')
    if (reply) udp.send(reply, from.port, from.address)
  })
  udp.on('error', () => {}) // an ICMP refusal of an answer to a client that is gone
  tcp.on('connection', socket => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => {})
    readMessages(socket, message => {
      const reply = answer(message, 'tcp')
      if (reply) socket.write(withLength(reply))
    })
  })

  const server: DnsServer = {
    address: `127.0.0.1:${port}`,
    order: 'fixed',
    subset: undefined,
    queries: [],
    fail(name, how = 'servfail') {
      failing.set(name.toLowerCase(), how)
    },
    list(name, addresses, ttl = 1) {
      failing.delete(name.toLowerCase())
      zones.set(name.toLowerCase(), {
        ttl,
        A: addresses.filter(isIPv4),
        AAAA: addresses.filter(address => !isIPv4(address)),
        answers: { A: 0, AAAA: 0 },
      })
    },
    behave(behaviour, family) {
      if (family !== 6) how.A = behaviour
      if (family !== 4) how.AAAA = behaviour
    },
    async close() {
      for (const socket of open) socket.destroy()
      await Promise.all([
        new Promise<void>(resolve => udp.close(resolve)),
        new Promise<void>(resolve => tcp.close(() => resolve())),
      ])
    },
  }

  function answer(message: Buffer, over: 'udp' | 'tcp'): Buffer | undefined {
    const query = decode(message)
    const question = query?.questions?.[0]
    if (!query || !question || query.type !== 'query') return
    const name = question.name.toLowerCase()
    server.queries.push({ name, type: question.type, over, at: Date.now() })
    if (server.queries.length > KEPT_QUERIES) server.queries.shift()

    const type = question.type === 'A' || question.type === 'AAAA' ? question.type : undefined
    const behaviour = failing.get(name) ?? (type ? how[type] : 'answer')
    if (behaviour === 'silent') return
    const zone = zones.get(name)
    const reply = (code: number, records: packet.Answer[], flags = 0) =>
      packet.encode({
        type: 'response',
        id: query.id ?? 0,
        flags: packet.AUTHORITATIVE_ANSWER | ((query.flags ?? 0) & packet.RECURSION_DESIRED) | flags | code,
        questions: [question],
        answers: records,
      })
    if (behaviour === 'servfail') return reply(SERVFAIL, [])
    if (behaviour === 'refused') return reply(REFUSED, [])
    if (behaviour === 'nxdomain' || !zone) return reply(NXDOMAIN, [])
    if (behaviour === 'empty' || !type) return reply(0, [])

    const owner = behaviour === 'wrong-name' ? `wrong.${question.name}` : question.name
    const records = pick(zone, type).map(data => ({ name: owner, type, ttl: zone.ttl, data }))
    // No records at all in place of a part of them: RFC 2181 9 has the client ignore such a part anyway.
    if (behaviour === 'truncate' && over === 'udp') return reply(0, [], packet.TRUNCATED_RESPONSE)
    return reply(0, records)
  }

  function pick(zone: Zone, type: 'A' | 'AAAA'): string[] {
    const all = zone[type]
    const size = server.subset ?? all.length
    const step = server.subset ?? (server.order === 'rotate' ? 1 : 0)
    const start = all.length ? (zone.answers[type]++ * step) % all.length : 0
    return [...all.slice(start), ...all.slice(0, start)].slice(0, size)
  }

  return server
}

// TCP gets a free port; it may be taken on UDP, then another one is tried.
async function bindBoth(): Promise<{ udp: UdpSocket; tcp: Server; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const tcp = createServer()
    const udp = createSocket('udp4')
    try {
      await once(tcp.listen(0, '127.0.0.1'), 'listening')
      const bound = tcp.address()
      const port = typeof bound === 'object' && bound ? bound.port : 0
      await once(udp.bind(port, '127.0.0.1'), 'listening')
      return { udp, tcp, port }
    } catch (error) {
      tcp.close()
      udp.close()
      if (attempt === 5) throw error
    }
  }
}

// RFC 1035 4.2.2: over TCP a length of two bytes precedes each message.
function readMessages(socket: Socket, onMessage: (message: Buffer) => void) {
  let pending: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk])
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const end = 2 + pending.readUInt16BE(0)
      onMessage(pending.subarray(2, end))
      pending = pending.subarray(end)
    }
  })
}

function withLength(message: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}

function decode(message: Buffer): packet.DecodedPacket | undefined {
  try {
    return packet.decode(message)
  } catch {
    return undefined // not DNS: ignored, as a server does
  }
}
