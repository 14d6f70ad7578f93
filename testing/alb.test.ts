import assert from 'node:assert/strict'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { eventually } from '../test/raw.ts'
import { type Alb, startAlb } from './alb.ts'
import { type Authority, createAuthority } from './certificates.ts'
import { type DnsServer, startDns } from './dns.ts'

let authority: Authority
let dns: DnsServer
let alb: Alb
let agent: https.Agent
let held: http.ServerResponse[]

before(async () => {
  authority = await createAuthority()
  dns = await startDns()
})
after(() => dns.close())
beforeEach(async () => {
  held = []
  agent = new https.Agent({ keepAlive: true })
  alb = await startAlb({ dns, authority, handler })
})
afterEach(async () => {
  agent.destroy()
  await alb.close()
})

// /held is answered when the test says so.
function handler(request: http.IncomingMessage, response: http.ServerResponse) {
  if (request.url === '/held') held.push(response)
  else response.end(request.socket.localAddress)
}

type Reply = { status: number | undefined; headers: http.IncomingHttpHeaders; body: string; reused: boolean }

async function get(address: string | undefined, path = '/'): Promise<Reply> {
  const { port, name } = alb
  const host = `${name}:${port}`
  const options = { host: address, port, path, servername: name, ca: authority.ca, agent, headers: { host } }
  const request = https.get(options)
  const [response]: http.IncomingMessage[] = await once(request, 'response')
  assert.ok(response)
  let body = ''
  for await (const chunk of response) body += chunk
  return { status: response.statusCode, headers: response.headers, body, reused: request.reusedSocket }
}

// One node each, and a second where it takes one: a loopback may have no more than 127.0.0.1 and ::1.
async function resolve(): Promise<string[]> {
  const resolver = new Resolver({ timeout: 500, tries: 1 })
  resolver.setServers([dns.address])
  const none = (error: { code: string }) => {
    assert.equal(error.code, 'ENODATA')
    return []
  }
  const answers = [resolver.resolve4(alb.name).catch(none), resolver.resolve6(alb.name).catch(none)]
  return (await Promise.all(answers)).flat()
}

test('every listed node answers under the one name and port, as itself', async () => {
  await alb.add()
  assert.equal(alb.listed.length, 2)
  assert.equal(alb.origin, `https://api.dev.jp:${alb.port}`)
  assert.deepEqual(await resolve(), [...alb.listed])
  for (const address of alb.listed) assert.equal((await get(address)).body, address)
})

test('connections stay open and responses do not announce for how long', async () => {
  const first = await get(alb.listed[0])
  const second = await get(alb.listed[0])
  assert.deepEqual([first.reused, second.reused], [false, true])
  assert.deepEqual(Object.keys(first.headers).sort(), ['connection', 'content-length', 'date'])
  const node = alb.nodes.get(alb.listed[0] ?? '')
  assert.deepEqual({ ...node }, { address: alb.listed[0], connections: 1, accepted: 1, requests: 2 })
})

test('an added node is new, serves and is listed', async () => {
  const before = [...alb.listed]
  const [added = ''] = await alb.add()
  assert.equal(before.includes(added), false)
  assert.deepEqual(await resolve(), [...before, added])
  assert.equal((await get(added)).body, added)
})

test('a started node serves and is not listed', async () => {
  const address = await alb.start()
  assert.equal((await get(address)).body, address)
  assert.equal((await resolve()).includes(address), false)
})

test('a drained node leaves DNS and still serves', async () => {
  const [gone = ''] = alb.listed
  const kept = await alb.add()
  alb.drain(gone)
  assert.deepEqual(await resolve(), kept)
  assert.equal((await get(gone)).body, gone)
})

test('a stopped node answers what is in flight, says close, and refuses what is new', async () => {
  const [address = ''] = alb.listed
  const inFlight = get(address, '/held')
  await get(address)
  await eventually(() => held.length === 1)
  const stopped = alb.stop(address)
  await assert.rejects(get(address), { code: /ECONNREFUSED|ECONNRESET/ })
  await assert.rejects(get(address), { code: 'ECONNREFUSED' })
  held[0]?.end('done')
  const { body, headers } = await inFlight
  assert.deepEqual([body, headers.connection], ['done', 'close'])
  await stopped
  assert.equal(alb.nodes.has(address), false)
  assert.ok(alb.listed.includes(address), 'DNS goes on listing it')
})

test('a stop closes a connection that never had a request', async () => {
  const [address = ''] = alb.listed
  const socket = net.connect(alb.port, address)
  await once(socket, 'connect')
  await eventually(() => alb.nodes.get(address)?.connections === 1)
  const closed = once(socket.resume(), 'close')
  await alb.stop(address)
  await closed
})

test('a killed node resets what is in flight and refuses from then on', async () => {
  const [address = ''] = alb.listed
  const inFlight = get(address, '/held')
  await eventually(() => held.length === 1)
  alb.kill(address)
  await assert.rejects(inFlight, { code: 'ECONNRESET' })
  await assert.rejects(get(address), { code: 'ECONNREFUSED' })
})

test('a killed node comes back at its address, its counts go on', async () => {
  const [address = ''] = alb.listed
  await get(address)
  alb.kill(address)
  await alb.start(address)
  agent.destroy()
  agent = new https.Agent()
  await get(address)
  assert.equal(alb.nodes.get(address)?.requests, 2)
})

test('idle connections are closed when asked to, busy ones are not', async () => {
  const [address = ''] = alb.listed
  const inFlight = get(address, '/held')
  await eventually(() => held.length === 1)
  await get(address)
  alb.closeIdle()
  await eventually(() => alb.nodes.get(address)?.connections === 1)
  held[0]?.end('done')
  assert.equal((await inFlight).body, 'done')
})

test('the keep-alive timeout applies to nodes that serve already', async () => {
  const [address = ''] = alb.listed
  alb.keepAliveTimeout = 30
  await get(address)
  await eventually(() => alb.nodes.get(address)?.connections === 0)
})

test('closing waits for no client', async () => {
  const inFlight = get(alb.listed[0], '/held')
  await eventually(() => held.length === 1)
  const stopping = alb.stop(alb.listed[0] ?? '')
  await alb.fault(await alb.start(), 'drop')
  await Promise.all([alb.close(), stopping, assert.rejects(inFlight, { code: 'ECONNRESET' })])
  assert.equal(alb.nodes.size, 0)
})

test('without an authority it is plain http', async t => {
  const plain = await startAlb({ dns, name: 'plain.dev.jp', handler })
  t.after(() => plain.close())
  assert.equal(plain.origin, `http://plain.dev.jp:${plain.port}`)
  const [response]: http.IncomingMessage[] = await once(
    http.get({ host: plain.listed[0], port: plain.port }),
    'response',
  )
  assert.equal(response?.statusCode, 200)
})
