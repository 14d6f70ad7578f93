import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { test } from 'node:test'
import { listen } from '../front/listen.ts'
import { paceReads } from './paced-reads.ts'

const LARGE = 256 * 1024

/** Connections whose reads are paced, and both ends of each. */
async function connections(t: { after(end: () => void): void }, count: number) {
  const server = net.createServer()
  const port = await listen(server, 0, '127.0.0.1')
  const pairs: { client: net.Socket; api: net.Socket }[] = []
  t.after(() => {
    server.close()
    for (const { client, api } of pairs) for (const socket of [client, api]) socket.destroy()
  })
  for (let i = 0; i < count; i++) {
    const accepted = once(server, 'connection')
    const client = net.connect({ port, host: '127.0.0.1' })
    paceReads(client)
    const [api] = await accepted
    pairs.push({ client, api })
  }
  return pairs
}

function spin(ms = 2) {
  for (const until = performance.now() + ms; performance.now() < until; );
}

/** Sends `LARGE` to all at once but the last, which gets a byte. Each read of more takes its listener 2 ms. */
async function flood(pairs: Awaited<ReturnType<typeof connections>>) {
  let turn = 0
  const count = () => {
    turn++
    immediate = setImmediate(count)
  }
  let immediate = setImmediate(count)
  const inTurn: number[] = []
  let small = Number.NaN
  let mostAhead = 0
  const received = pairs.map(({ client }, number) => {
    let bytes = 0
    client.on('data', chunk => {
      bytes += chunk.length
      mostAhead = Math.max(mostAhead, client.bytesRead - bytes)
      if (number === pairs.length - 1) small = turn
      else {
        inTurn[turn] = (inTurn[turn] ?? 0) + 1
        spin()
      }
    })
    return once(client, 'end').then(() => bytes)
  })
  const startedAt = turn
  for (const { api } of pairs.slice(0, -1)) api.end(Buffer.alloc(LARGE))
  pairs.at(-1)?.api.end('a')
  const sizes = await Promise.all(received)
  clearImmediate(immediate)
  return { sizes, mostAhead, small: small - startedAt, most: Math.max(...inTurn.filter(each => each > 0)) }
}

test('what 20 APIs send that costs much to parse comes in turns, to its end; a small answer does not wait for it', async t => {
  const pairs = await connections(t, 21)
  const { sizes, mostAhead, small, most } = await flood(pairs)
  assert.deepEqual(sizes, [...Array.from({ length: 20 }, () => LARGE), 1])
  assert.ok(most <= 5, `${most} reads in a turn`)
  assert.ok(mostAhead <= 2 * 64 * 1024, `${mostAhead} bytes wait`)
  assert.ok(small <= 3, `after ${small} turns`)
})

test('what costs little beside each piece goes on in few pieces', async t => {
  const [pair] = await connections(t, 1)
  assert.ok(pair)
  let pieces = 0
  pair.client.on('data', () => {
    pieces++
    spin(0.05)
  })
  pair.api.end(Buffer.alloc(LARGE))
  await once(pair.client, 'end')
  // 64 of 4 KB each
  assert.ok(pieces < 40, `${pieces} pieces`)
})
