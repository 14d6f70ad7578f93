import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, eventually, header, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

const TOKEN = 'himitsu-himitsu-himitsu-himitsu-'
const env = { ADMIN_TOKEN: TOKEN }
const PATHS = ['/', '/state', '/events', '/metrics', '/runbook', '/status.js']

const basic = (user: string, password: string) =>
  `Authorization: Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
const bearer = (token: string) => `Authorization: Bearer ${token}`

const get = (port: number, path: string, ...headers: string[]) =>
  ask(port, request(`GET ${path}`, ['Host: localhost:4001', ...headers]), true)

const RIGHT = {
  'a Bearer token': bearer(TOKEN),
  'the scheme in any case': `Authorization: bearer ${TOKEN}`,
  'the password of HTTP Basic': basic('me', TOKEN),
  'HTTP Basic without a user': basic('', TOKEN),
}
for (const [name, authorization] of Object.entries(RIGHT)) {
  test(`with ${name} all of it can be read, by any name`, async t => {
    const { adminPort } = await stage(t, { env })
    for (const path of PATHS) {
      assert.equal((await get(adminPort, path, authorization)).status, 200, path)
      const byName = ['Host: gatehouse.internal:4001', 'Accept-Language: ja', authorization]
      assert.equal((await ask(adminPort, request(`GET ${path}`, byName), true)).status, 200, path)
    }
  })
}

test('without a token there is nothing but health, and a browser and a scraper are told what to send', async t => {
  const { adminPort } = await stage(t, { env })
  for (const path of [...PATHS, '/x']) {
    const answer = await ask(adminPort, request(`GET ${path}`, ['Host: localhost:4001']))
    assert.equal(answer.status, 401, path)
    assert.match(answer.body, /^The token in ADMIN_TOKEN is needed/)
    const challenges = answer.headers.flatMap(([name, value]) => (/^www-auth/i.test(name) ? value : []))
    assert.deepEqual(challenges, ['Bearer realm="gatehouse"', 'Basic realm="gatehouse", charset="UTF-8"'])
  }
  for (const path of ['/healthz', '/readyz']) assert.equal((await get(adminPort, path)).status, 200)
})

const WRONG = {
  'another token of that length': bearer(TOKEN.toUpperCase()),
  'a shorter one': bearer(TOKEN.slice(1)),
  'none at all': basic('me', ''),
  'the token as the user': basic(TOKEN, ''),
}
for (const [name, authorization] of Object.entries(WRONG)) {
  test(`${name} gets 401 and nothing of the state`, async t => {
    const { adminPort } = await stage(t, { env })
    const { status, body } = await ask(
      adminPort,
      request('GET /state', ['Host: localhost:4001', authorization]),
    )
    assert.deepEqual([status, body], [401, 'This is not the token in ADMIN_TOKEN.\n'])
  })
}

for (const sent of ['?token=', '?access_token=']) {
  test(`a token in the URL (${sent}) is none: URLs are kept and passed on`, async t => {
    const { adminPort, log } = await stage(t, { env })
    assert.equal((await get(adminPort, `/state${sent}${TOKEN}`)).status, 401)
    assert.doesNotMatch(JSON.stringify(log), /himitsu/)
  })
}

test('after ten wrong tokens of an address within a minute none is looked at, the right one neither; others are', async t => {
  const front = await stage(t, { env })
  const { adminPort, metrics, log } = front
  const wrong = request('GET /state', ['Host: localhost:4001', bearer('x'.repeat(32))])
  // together, as a guesser would send them
  const answers = await Promise.all(Array.from({ length: 12 }, () => ask(adminPort, wrong)))
  assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(10).fill(401), 429, 429])
  const limited = await get(adminPort, '/state', RIGHT['a Bearer token'])
  assert.equal(limited.status, 429)
  const seconds = Number(header(limited, 'retry-after'))
  assert.ok(seconds > 0 && seconds <= 60)
  assert.equal((await get(adminPort, '/healthz')).status, 200)

  const { text } = await metrics.read()
  assert.match(text, /^gatehouse_admin_denied_total\{reason="wrong"\} 10$/m)
  assert.match(text, /^gatehouse_admin_denied_total\{reason="limited"\} 3$/m)
  await eventually(() => log.filter(({ msg }) => /wrong token/.test(String(msg))).length === 10)
  assert.equal(log.find(({ msg }) => /wrong token/.test(String(msg)))?.client, '127.0.0.1')
})

test('a right token and none at all are no guesses: however often, nobody is locked out', async t => {
  const { adminPort } = await stage(t, { env })
  for (let i = 0; i < 15; i++) {
    assert.equal((await get(adminPort, '/state')).status, 401)
    assert.equal((await get(adminPort, '/state', RIGHT['a Bearer token'])).status, 200)
  }
})

test('another site takes no stream of events with the password that the browser keeps', async t => {
  const { adminPort } = await stage(t, { env })
  const { status } = await get(adminPort, '/events', basic('', TOKEN), 'Sec-Fetch-Site: cross-site')
  assert.equal(status, 404)
})

for (const method of ['POST', 'PUT', 'DELETE']) {
  test(`nothing can be changed with the token, so there is nothing to forge: ${method} gets 404`, async t => {
    const { adminPort } = await stage(t, { env })
    for (const path of PATHS)
      assert.equal(
        (await ask(adminPort, request(`${method} ${path}`, [RIGHT['a Bearer token']]))).status,
        404,
      )
  })
}

test('neither the token nor its digest is in state, events, settings, metrics or log', async t => {
  const { adminPort, config, log } = await stage(t, { env })
  const state = await ask(adminPort, request('GET /state', ['Host: localhost:4001', bearer(TOKEN)]))
  const events = await fetch(`http://127.0.0.1:${adminPort}/events`, {
    headers: { Authorization: `Bearer ${TOKEN}` },
  })
  const { value = '' } = (await events.body?.pipeThrough(new TextDecoderStream()).getReader().read()) ?? {}
  assert.match(value, /"name":"ADMIN_TOKEN","value":"set"/)
  const digest = config.ADMIN_TOKEN
  assert.ok(digest)
  for (const text of [state.body, value, JSON.stringify(log)]) {
    assert.doesNotMatch(text, /himitsu/)
    for (const coding of ['hex', 'base64', 'latin1'] as const)
      assert.ok(!text.includes(digest.toString(coding)))
    assert.ok(!text.includes([...digest].join(',')))
  }
})

test('nothing of it is on the public listener: a token there is the API’s or the page’s own', async t => {
  const { port } = await stage(t, { env })
  for (const path of ['/state', '/metrics', '/events']) {
    const { body } = await ask(port, request(`GET ${path}`, [bearer(TOKEN)]))
    assert.equal(body, 'page')
  }
})

test('connections beyond the 32 of this listener are closed: those of logins stay free', async t => {
  const { adminPort } = await stage(t, { env })
  const clients = await Promise.all(Array.from({ length: 40 }, () => wire(t, adminPort)))
  let closed = 0
  for (const client of clients) void client.closed().then(() => closed++)
  await eventually(() => closed === 8)
})
