import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { toAdmin } from '../../test/admin.ts'
import { ask, eventually, header, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import type { createAdmin } from './admin.ts'

/** A page's stream over a raw connection, once its first message is there. */
async function open(t: TestContext, port: number) {
  const client = await wire(t, port)
  client.send(toAdmin('GET /events', ['Accept: text/event-stream']))
  await client.until('"settings":')
  return client
}

/** The messages among the bytes of a stream that has ended. */
const messagesIn = (bytes: string) =>
  [...bytes.matchAll(/^data: (.*)$/gm)].map(([, text = '']) => JSON.parse(text))

/** Closes the admin listener. */
function closing({ server, close }: ReturnType<typeof createAdmin>) {
  close()
  return server
}

test('the first message has the settings and the hour; the next are few bytes', async t => {
  const { adminPort, admin, port } = await stage(t)
  await ask(port, request('POST /user/login'))
  const client = await open(t, adminPort)
  await client.until('\r\ndata: ')
  await once(closing(admin), 'close')
  const [first, second] = messagesIn(await client.closed())
  assert.equal(first.buckets.at(-1).ok, 1)
  assert.ok(first.settings.some(({ name }: { name: string }) => name === 'BACKEND_ORIGIN'))
  assert.equal(second.settings, undefined)
  assert.ok(JSON.stringify(second).length < 2500)
})

test('it is a stream that no cache keeps and that comes back by itself', async t => {
  const { adminPort } = await stage(t)
  const client = await wire(t, adminPort)
  client.send(toAdmin('GET /events'))
  await client.until('\r\n\r\n')
  for (const each of ['text/event-stream; charset=utf-8', 'no-store', 'retry: 1000']) await client.until(each)
})

test('an address change is told at once, with the event in words', async t => {
  // no message comes but for a change
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { adminPort, alb } = await stage(t)
  const client = await open(t, adminPort)
  const [address] = await alb.add(1)
  await client.until(`${address} is new in DNS`)
})

test('an event and a login to look at lead to the runbook, where it has a section for them', async t => {
  const front = await stage(t, { count: 1, handler: req => void req.socket.destroy() })
  await ask(front.port, request('POST /user/login', [], 'name=taro'))
  await eventually(() => front.history.notable.newest > 0)
  front.dns.behave('servfail')
  await once(front.backend.cache.changes, 'stale')
  const client = await open(t, front.adminPort)
  await once(closing(front.admin), 'close')
  const [first] = messagesIn(await client.closed())
  const sections = (of: { runbook?: string }[]) => of.map(({ runbook }) => runbook)
  assert.deepEqual(sections(first.logins), ['the-backend-cuts-connections-or-answers'])
  assert.ok(sections(first.events).includes('dns-is-stale'))
})

test('a message that fails is in the log, and the next one comes', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { adminPort, backend, log } = await stage(t)
  const client = await open(t, adminPort)
  const broken = t.mock.method(backend.agent, 'state', () => {
    throw new Error('broken')
  })
  t.mock.timers.tick(1000)
  assert.ok(log.some(({ level, cause }) => level === 50 && cause === 'broken'))
  broken.mock.restore()
  t.mock.timers.tick(1000)
  await client.until('\r\ndata: ')
})

test('a page that comes back gets what happened meanwhile', async t => {
  const { adminPort, alb, backend } = await stage(t)
  const [address] = await alb.add(1)
  await once(backend.cache.changes, 'added')
  await (await open(t, adminPort)).until(`${address} is new in DNS`)
})

test('streams end when the admin listener closes, so that the front can stop', async t => {
  const { adminPort, admin } = await stage(t)
  const clients = [await open(t, adminPort), await open(t, adminPort)]
  const closed = once(closing(admin), 'close', { signal: AbortSignal.timeout(5000) })
  for (const each of clients) await each.closed()
  await closed
})

test('a request that was under way when the admin listener closed opens no stream', async t => {
  const { adminPort, admin } = await stage(t)
  const client = await wire(t, adminPort)
  // the second head has begun, so the connection is not idle
  client.send(`${toAdmin('GET /state')}GET /events HTTP/1.1\r\n`)
  await client.answer()
  const closed = once(closing(admin), 'close', { signal: AbortSignal.timeout(5000) })
  client.send('Host: localhost\r\nConnection: close\r\n\r\n')
  assert.equal((await client.answer(true)).status, 503)
  await closed
})

test('16 pages are served at once, the next gets 503, and one that leaves makes room', async t => {
  const { adminPort } = await stage(t)
  const clients = await Promise.all(Array.from({ length: 16 }, () => open(t, adminPort)))
  const answer = await ask(adminPort, toAdmin('GET /events'))
  assert.deepEqual([answer.status, header(answer, 'retry-after')], [503, '10'])
  clients[0]?.abort()
  let made = false
  for (let i = 0; i < 100 && !made; i++) {
    made = (await ask(adminPort, toAdmin('GET /events'), true)).status === 200
  }
  assert.ok(made)
})

test('HEAD of the stream is its head alone', async t => {
  const { adminPort } = await stage(t)
  const client = await wire(t, adminPort)
  client.send(toAdmin('HEAD /events', ['Connection: close']))
  assert.equal((await client.answer(true)).status, 200)
  assert.equal(await client.closed(), '')
})

test('a person’s secrets and those of the settings are in none of it', async t => {
  const secrets = ['himitsu-body', 'himitsu-cookie', 'himitsu-token', 'himitsu-query', 'himitsu-store']
  const handler: NonNullable<Parameters<typeof stage>[1]>['handler'] = (req, res) => {
    req.resume()
    if (req.url?.startsWith('/user/login/bad')) req.socket.destroy()
    else res.writeHead(401, { 'Set-Cookie': 'a=himitsu-cookie' }).end('himitsu-body')
  }
  const env = { LOGIN_LIMIT: '2/1m', LIMIT_STORE: 'redis://gate:himitsu-store@127.0.0.1:9' }
  const front = await stage(t, { handler, env })
  const client = await open(t, front.adminPort)
  const headers = ['Cookie: a=himitsu-cookie', 'Authorization: Bearer himitsu-token']
  for (const path of ['/user/login', '/user/login/bad', '/user/login', '/user/login']) {
    await ask(front.port, request(`POST ${path}?t=himitsu-query`, headers, 'password=himitsu-body'))
  }
  await eventually(() => front.history.buckets().some(({ limited }) => limited > 0))
  front.dns.behave('servfail')
  await client.until('DNS gives no answer')
  const texts = [await ask(front.adminPort, toAdmin('GET /state'))].map(({ body }) => body)
  await once(closing(front.admin), 'close')
  texts.push(await client.closed())
  for (const secret of secrets) assert.ok(!texts.some(text => text.includes(secret)), secret)
  assert.ok(texts[1]?.includes('redis://127.0.0.1:9'), 'the store itself is shown')
})
