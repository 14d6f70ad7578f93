import assert from 'node:assert/strict'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import { pino } from 'pino'
import { listening } from '../../test/listening.ts'
import { request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { inTurn } from '../http/in-turns.ts'
import { chooseIdle } from './connection-choice.ts'
import { createExpectations } from './expectation.ts'
import { paceReads } from './paced-reads.ts'
import { createSilence } from './silence.ts'
import { createSpareConnections } from './spare-connections.ts'

const answer = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`
/** as much as is parsed at first of what may cost much */
const PIECE = 4096 - answer('a'.repeat(4000)).length + 4000

/** Asks an API that says `first` to the first request, and `asked` to each later one. */
async function setUp(t: TestContext, first: string) {
  let say = first
  const api = net.createServer(socket => {
    socket
      .on('error', () => {})
      .on('data', () => {
        socket.write(say)
        say = answer('asked')
      })
  })
  const port = await listening(t, api)
  const front = await stage(t, {
    config: () => ({ routes: [{ path: '/up', to: `http://127.0.0.1:${port}` }] }),
  })
  const client = await wire(t, front.port)
  async function ask() {
    client.send(request('GET /up'))
    return (await client.answer()).body
  }
  return ask
}

/** A connection over which something has come that waits to be parsed, for many turns of the event loop. */
function holding(): net.Socket {
  for (let i = 0; i < 3000; i++) inTurn(() => {}, 1e9)
  const [busy, socket] = [new net.Socket(), new net.Socket()]
  for (const each of [busy, socket]) {
    paceReads(each)
    each.on('data', () => {
      for (const until = performance.now() + 2; performance.now() < until; );
    })
    // `data` comes at once from then on
    each.read(0)
  }
  busy.push(Buffer.alloc(4096))
  return socket
}

test('a second answer behind the one that was asked for answers nobody, also where it waits to be parsed', async t => {
  const ask = await setUp(t, answer('a'.repeat(PIECE)) + answer('unasked'))
  for (let i = 0; i < 3000; i++) inTurn(() => {}, 1e9)
  assert.equal((await ask()).length, PIECE)
  assert.equal(await ask(), 'asked')
})

test('a connection over which something has come that nobody asked for is given to no request, while that waits to be parsed', async () => {
  const socket = holding()
  const connection = { socket, address: '127.0.0.1', connectMs: 1 }
  const spares = createSpareConnections({
    dial: async () => connection,
    isGood: () => true,
    onDrop() {},
  })
  for (let i = 0; i < 2; i++) await spares.replenish('127.0.0.1')
  const pooled = { connection, retireAt: Number.POSITIVE_INFINITY, idleSince: 0, leavesDemand: false }
  const reaction = async () => ({ does: 'unreachable' as const, cause: 'ECONNREFUSED' })
  const expectations = createExpectations(reaction, 1000, pino({ level: 'silent' }))
  const idle = () =>
    chooseIdle('any', { origin: [socket] }, { of: () => pooled, silence: createSilence(), expectations }, 0)
  assert.equal(idle(), socket)
  socket.push(Buffer.alloc(4096))
  assert.equal(idle(), undefined)
  assert.equal(
    spares.take(() => true),
    undefined,
  )
  spares.destroy()
})
