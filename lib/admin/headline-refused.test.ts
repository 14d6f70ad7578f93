import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { test } from 'node:test'
import { setUp, shake } from '../../test/handshakes.ts'
import { ask, eventually, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { stateOf } from './state.ts'

const FOREIGN = ['Origin: https://app.dev.jp', 'Sec-Fetch-Site: same-site']

test('every login comes from a page that ALLOWED_ORIGINS does not name: the status page says so', async t => {
  const front = await stage(t)
  for (let i = 0; i < 5; i++) await ask(front.port, request('POST /user/login', FOREIGN))
  await eventually(() => front.history.recent.of('login').failed === 5)
  const { level, text, runbook } = stateOf(front).headline
  assert.deepEqual([level, runbook], ['bad', 'logins-are-403-cross_site'])
  assert.match(text.en, /^Every login gets 403 from Gatehouse itself: /)
})

test('a connection that is turned away is told at once', async t => {
  const front = await stage(t)
  front.bounds.connections.most = 0
  assert.equal((await ask(front.port, request('GET /'))).status, 503)
  const { level, text, detail } = stateOf(front).headline
  assert.deepEqual([level, text.en], ['bad', 'Clients are turned away: the connection limit is reached.'])
  assert.match(detail.en, /^\d+ of 0 connections are open; /)
})

test('a WebSocket counts when it opens; those that are open do not hide that new ones fail', async t => {
  const front = await setUp(t)
  const open = await wire(t, front.port)
  open.send(shake('/ws/chat'))
  assert.equal((await open.answer(true)).status, 101)
  assert.deepEqual(front.history.recent.of('upgrade'), { all: 1, failed: 0 })
  assert.equal((await ask(front.port, shake('/gone'))).status, 502)
  await eventually(() => front.history.recent.of('upgrade').failed === 1)
  assert.equal(stateOf(front).headline.text.en, '1 in 2 WebSockets to the API fails.')
  open.abort()
  await eventually(() => front.bounds.connections.now === 0)
  assert.equal(front.history.recent.of('upgrade').all, 2)
})

test('logins that pages send for their visitors are told as well, where all get 429', async t => {
  const handler: RequestListener = (req, res) => void req.resume().on('end', () => res.writeHead(401).end())
  const front = await stage(t, { handler, env: { LOGIN_LIMIT: '1/1m' } })
  const headers = { 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Host': 'front.example' }
  const logIn = () => fetch(`${front.egressUrl}/user/login`, { method: 'POST', body: 'a=b', headers })
  for (let i = 0; i < 11; i++) await (await logIn()).text()
  await eventually(() => front.history.recent.of('login').all === 11)
  const { level, text } = stateOf(front).headline
  assert.deepEqual(
    [level, text.en],
    ['bad', 'Most logins get 429 from Gatehouse itself: LOGIN_LIMIT or LOGIN_LIMIT_ACCOUNT is reached.'],
  )
})
