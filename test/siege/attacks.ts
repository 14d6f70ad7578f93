import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { listen } from '../../lib/front/listen.ts'
import { request } from '../raw.ts'

/**
 * A hostile or unlucky client: it does what it does until its process is ended, or it has nothing more to do.
 * @param partnerPort where the API of /partner is to listen
 */
type Attack = (port: number, partnerPort: number) => Promise<unknown>

const dial = (port: number) => {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  return socket.on('error', () => socket.destroy())
}

/** Opens so many connections, a few at a time, and does the same with each. */
async function many(port: number, count: number, begin: (socket: net.Socket, number: number) => void) {
  for (let i = 0; i < count; i++) {
    const socket = dial(port)
    begin(socket, i)
    if (i % 20 === 19) await sleep(5)
  }
  await sleep(60_000)
}

/** So many clients side by side, each of which begins anew as soon as its connection has ended. */
async function again(port: number, clients: number, begin: (socket: net.Socket) => void) {
  const one = () => {
    const socket = dial(port).once('close', () => setTimeout(one, 1))
    begin(socket)
  }
  for (let i = 0; i < clients; i++) one()
  await sleep(60_000)
}

const BODY = 'a'.repeat(60_000)
const login = (path = '/user/login', body = BODY) => request(`POST ${path}`, [], body)
const repeated = (text: string, times: number) => Array.from({ length: times }, () => text).join('')

const upload = (path: string, framing: string, piece: Buffer) => (socket: net.Socket) => {
  const send = () => {
    while (socket.writable && socket.write(piece));
  }
  socket
    .resume()
    .on('drain', send)
    .write(request(`POST ${path}`, [framing]))
  send()
}

/** An API that begins its answer to each of 60 clients so, and goes on for ever; half of them read nothing. */
const endlessAnswer = (begun: string, piece: string) => async (port: number, partnerPort: number) => {
  const bytes = Buffer.from(repeated(piece, Math.ceil(65_536 / piece.length)))
  const api = net.createServer(socket => {
    const send = () => {
      if (!socket.writable) return
      if (socket.write(bytes)) setImmediate(send)
      else socket.once('drain', send)
    }
    socket
      .on('error', () => socket.destroy())
      .once('data', () => {
        socket.resume().write(begun)
        send()
      })
  })
  await listen(api, partnerPort, '127.0.0.1')
  await many(port, 60, (socket, number) => {
    socket.write(request('GET /partner'))
    if (number % 2 === 0) socket.resume()
  })
}
const IN_CHUNKS = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'

export const ATTACKS: { readonly [what: string]: Attack } = {
  'clients leave at the first byte of an early answer, in the middle of their body': port =>
    again(port, 8, socket => {
      socket.write(`${request('POST /login/', ['Content-Length: 100000'])}abc`)
      socket.once('data', () => socket.destroy())
    }),
  '3,000 logins of 60 KB at once on one connection (pipelining)': port =>
    many(port, 1, async socket => {
      socket.resume()
      for (let i = 0; i < 3000; i++)
        if (!socket.write(login())) await new Promise(go => socket.once('drain', go))
    }),
  '1,500 GETs of a page at once on each of four connections': port =>
    many(port, 4, socket => socket.resume().write(repeated(request('GET /login'), 1500))),
  'two pipelined requests to an API that hangs, then a reset': port =>
    again(port, 20, socket => {
      socket.write(repeated(request('GET /user/login/hang'), 2))
      setTimeout(() => socket.resetAndDestroy(), 50)
    }),
  '400 connections hold 60 KB of a body each': port =>
    many(port, 400, socket => socket.write(request('POST /user/login', ['Content-Length: 60001']) + BODY)),
  '400 logins wait for an API that hangs': port =>
    many(port, 400, socket => socket.resume().write(login('/user/login/hang', 'abc'))),
  'a 15 KB Accept-Language, again and again': port =>
    again(port, 10, socket => {
      const value = `${repeated('*,', 7500)}en;q=0,ja;q=0`
      socket.write(request('GET /', [`Accept-Language: ${value}`, 'Connection: close']))
      socket.resume().once('end', () => socket.destroy())
    }),
  'X-Forwarded-For with 1,800 addresses, again and again': port =>
    again(port, 4, socket => {
      socket.write(
        request('GET /user/login', [
          `X-Forwarded-For: ${repeated('::1,    ', 1800)}::1`,
          'Connection: close',
        ]),
      )
      socket.resume().once('end', () => socket.destroy())
    }),
  '1,200 connections that send nothing': port => many(port, 1200, () => {}),
  '300 heads byte by byte': port =>
    many(port, 300, socket => {
      socket.write('GET / HTTP/1.1\r\nHost: a\r\nX-A: ')
      const timer = setInterval(() => socket.write('b'), 200)
      socket.once('close', () => clearInterval(timer))
    }),
  '100 clients that ask for pages and read nothing': port =>
    many(port, 100, socket => socket.pause().write(repeated(request('GET /login'), 50))),
  'HEAD with a body of 200,000 bytes, and a request behind it': port =>
    again(port, 4, socket => {
      socket.write(
        request('HEAD /login', [], 'a'.repeat(200_000)) + request('GET /healthz', ['Connection: close']),
      )
      socket.resume().once('end', () => socket.destroy())
    }),
  '300 heads of 60 KB without an end': port =>
    many(port, 300, socket => {
      socket.write(`GET / HTTP/1.1\r\nHost: a\r\n${repeated(`X-A: ${'a'.repeat(990)}\r\n`, 15)}`)
      // as much again, where the head may have it
      socket.write(repeated(`X-A: ${'a'.repeat(990)}\r\n`, 45))
    }),
  '200 extensions of a chunk byte by byte, and 200 trailers': port =>
    many(port, 400, (socket, number) => {
      const begun = number % 2 === 0 ? '1;' : '0\r\nX: '
      socket.resume().write(request('POST /user/login', ['Transfer-Encoding: chunked']) + begun)
      const timer = setInterval(() => socket.write('a'), 200)
      socket.once('close', () => clearInterval(timer))
    }),
  '300 logins wait for 100 and send no body': port =>
    many(port, 300, socket =>
      socket.resume().write(request('POST /user/login', ['Expect: 100-continue', 'Content-Length: 1000'])),
    ),
  'handshakes for WebSockets with junk behind, from clients that leave': port =>
    again(port, 10, socket => {
      const asked = [
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ]
      socket.resume().write(request('GET /login', asked) + 'junk'.repeat(1000))
      setTimeout(() => socket.destroy(), 50)
    }),
  'resets in the middle of a head, a body or an answer': port =>
    again(port, 20, socket => {
      const texts = [login(), request('GET /login'), login('/user/login/hang')]
      const text = texts[Math.floor(Math.random() * texts.length)] ?? ''
      socket.write(text.slice(0, 1 + Math.floor(Math.random() * text.length)))
      setTimeout(() => socket.resetAndDestroy(), 20)
    }),
  'connections that are reset as soon as they stand': port =>
    again(port, 50, socket => socket.once('connect', () => socket.resetAndDestroy())),
  '20 uploads to a page, as fast as they go': port =>
    again(port, 20, upload('/login', 'Content-Length: 100000000000', Buffer.alloc(64 * 1024))),
  '20 uploads to an API in chunks of a byte, as fast as they go': port =>
    again(
      port,
      20,
      upload('/user/login', 'Transfer-Encoding: chunked', Buffer.from(repeated('1\r\na\r\n', 10_000))),
    ),
  'an API answers 60 clients in chunks of a byte': endlessAnswer(IN_CHUNKS, '1\r\na\r\n'),
  'an API answers 60 clients by 103 alone': endlessAnswer('', 'HTTP/1.1 103 Early Hints\r\n\r\n'),
  'an API answers 60 clients in trailers without an end': endlessAnswer(`${IN_CHUNKS}0\r\n`, 'a:b\r\n'),
  '20 clients send blank lines alone': port =>
    again(port, 20, upload('/user/login', 'Content-Length: 0', Buffer.from('\r\n'.repeat(32_768)))),
  'junk behind a request, and junk alone': port =>
    again(port, 10, socket => {
      socket.write(`${request('GET /user/login')}\x16\x03\x01junk\r\n\r\n`)
      socket.resume().once('end', () => socket.destroy())
    }),
}

// a process of its own: what the attack takes must not slow down who measures
const [, , what, port, partnerPort] = process.argv
const attack = ATTACKS[what ?? '']
if (attack && process.send) {
  process.on('uncaughtException', () => {})
  process.on('disconnect', () => process.exit())
  await attack(Number(port), Number(partnerPort))
}
