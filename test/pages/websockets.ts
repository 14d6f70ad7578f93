import assert from 'node:assert/strict'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { ACCEPT, shake } from '../handshakes.ts'
import { ask, eventually, header, request, wire } from '../raw.ts'
import type { Elsewhere } from './elsewhere.ts'

/** A frame of a client with the text `hi`, masked by zeros. */
const HI = '\x81\x82\0\0\0\0hi'
const HI_BACK = '\x81\x02hi'

/** Of the front and of `next start` alike. */
type Row = (t: { after(done: () => unknown): void }, port: number, elsewhere: Elsewhere) => Promise<void>

/** A rewrite of next.config and one of proxy.ts; a page of another site may open it, as under `next start`. */
const opens =
  (path: string, origin?: string): Row =>
  async (t, port, { upgrades }) => {
    const client = new WebSocket(`ws://127.0.0.1:${port}${path}`, { ...(origin !== undefined && { origin }) })
    t.after(() => client.terminate())
    await once(client, 'open')
    for (const text of ['hello', '表'.repeat(10_000), 'x'.repeat(1_000_000)]) {
      client.send(text)
      const [data] = await once(client, 'message')
      assert.equal(String(data), text)
    }
    assert.match(upgrades.at(-1) ?? '', new RegExp(`^/there${path.includes('?') ? '\\?a=1' : ''} ${origin}$`))
    client.close(4001, 'done')
    const [code] = await once(client, 'close')
    assert.equal(code, 4001)
  }

export const BOTH: Readonly<Record<string, Row>> = {
  'a WebSocket through rewrites() of next.config': opens('/socket/there?a=1'),
  'a WebSocket that proxy.ts rewrites': opens('/elsewhere'),
  'a WebSocket of another site': opens('/socket/there', 'https://other.example'),
  async 'bytes behind the handshake come after it'(t, port) {
    const client = await wire(t, port)
    client.send(shake('/socket/there') + HI)
    const answer = await client.answer(true)
    assert.deepEqual([answer.status, header(answer, 'sec-websocket-accept')], [101, ACCEPT])
    await client.until(HI_BACK)
  },
  async 'a refusal of the other server'(_t, port) {
    const answer = await ask(port, shake('/socket/refuses'))
    assert.deepEqual([answer.status, header(answer, 'x-why'), answer.body], [401, 'no', 'no one'])
  },
  async 'a client that leaves'(t, port, { clients }) {
    const client = await wire(t, port)
    client.send(shake('/socket/there'))
    await client.answer(true)
    await eventually(() => clients.size === 1)
    client.abort()
    await eventually(() => clients.size === 0)
  },
  async 'another server that leaves'(t, port, { clients }) {
    const client = await wire(t, port)
    client.send(shake('/socket/there'))
    await client.answer(true)
    await eventually(() => clients.size === 1)
    for (const each of clients) each.terminate()
    await client.closed()
  },
}

/** Where pages have a process of their own: with PAGE_WORKERS=0 their server is the front's. Last, for what is no page's is left to it then. */
export const WITH_WORKERS: Readonly<Record<string, Row>> = {
  async "a WebSocket of a page's own server"(t, port) {
    assert.equal((await ask(port, request('GET /api/socket'))).body, '{"listens":true}')
    const client = new WebSocket(`ws://127.0.0.1:${port}/own-socket`)
    t.after(() => client.terminate())
    await once(client, 'open')
    client.send('hello')
    const [data] = await once(client, 'message')
    assert.equal(String(data), 'hello')
  },
}

const plain = (name: string, text: string): [string, Row] => [
  name,
  async (t, port, { upgrades }) => {
    const before = upgrades.length
    const client = await wire(t, port)
    client.send(text)
    const { status, body } = await client.answer()
    assert.deepEqual([status, body], [200, 'from elsewhere'])
    await client.closed()
    assert.equal(upgrades.length, before)
  },
]

const page = (path: string, status: number, words: RegExp): [string, Row] => [
  `a handshake at ${path} is the plain request that it also is`,
  async (t, port) => {
    const client = await wire(t, port)
    client.send(shake(path) + request('GET /smuggled'))
    const answer = await client.answer()
    assert.equal(answer.status, status)
    assert.match(`${answer.body}${header(answer, 'location')}`, words)
    // what came behind it reaches nobody
    assert.equal(await client.closed(), '')
  },
]

/** `next start` closes the connection of these without a word, leaves it open for ever, or takes them for a WebSocket. */
export const HERE: Readonly<Record<string, Row>> = {
  ...Object.fromEntries([
    plain('h2c is a plain request', shake('/socket/there').replace('Upgrade: websocket', 'Upgrade: h2c')),
    plain('HTTP/1.0 is a plain request', shake('/socket/there').replace('HTTP/1.1', 'HTTP/1.0')),
    plain('no key is a plain request', shake('/socket/there').replace(/Sec-WebSocket-Key.*\r\n/, '')),
    plain('a body is a plain request', shake('/socket/there', ['Content-Length: 2']) + HI.slice(-2)),
    page('/fixed', 200, /<html/),
    page('/none', 404, /<html/),
    page('/moved?a=1', 307, /tenants\/moved/),
    page('/words.txt', 200, /言|of public/),
    page('/echo', 201, /"method":"GET"|GET/),
    page('/healthz', 200, /^ok/),
  ]),
  async '101 that answers another handshake'(t, port) {
    const client = await wire(t, port)
    client.send(shake('/socket/odd') + request('GET /smuggled'))
    const { status, body } = await client.answer()
    assert.equal(status, 502)
    assert.match(body, /PAGE_BROKE_OFF/)
    assert.equal(await client.closed(), '')
  },
  async 'what comes behind a refused handshake reaches nobody'(t, port, { upgrades }) {
    const client = await wire(t, port)
    const before = upgrades.length
    client.send(shake('/socket/refuses') + shake('/socket/there'))
    assert.equal((await client.answer()).status, 401)
    assert.equal(await client.closed(), '')
    assert.equal(upgrades.length, before + 1)
  },
  async 'a handshake behind a request that is not answered yet is a plain request'(t, port, { upgrades }) {
    const before = upgrades.length
    const client = await wire(t, port)
    client.send(request('GET /fixed') + shake('/socket/there'))
    assert.equal((await client.answer()).status, 200)
    assert.equal((await client.answer()).body, 'from elsewhere')
    assert.equal(upgrades.length, before)
  },
}
