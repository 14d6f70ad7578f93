import assert from 'node:assert/strict'
import type http from 'node:http'
import type net from 'node:net'
import { test } from 'node:test'
import { accept, answer, executedOf, setUp } from '../../test/proven-backend.ts'
import { eventually } from '../../test/raw.ts'

test('a login over a connection that nobody is behind any more is retried over another', async t => {
  const { seen, send, front } = await setUp(t, (req, res, nth) => {
    if (nth > 2) answer(req, res, nth)
  })
  assert.equal((await send()).status, 200)
  assert.deepEqual(executedOf(seen), [true, false, true])
  assert.equal(front.tally.replayed, 1)
})

test('a login whose machine went silent and is gone fails once it cannot be dialled', async t => {
  let stop = () => {}
  const { seen, send, front, api } = await setUp(t, () => stop())
  // its one connection stays, and says nothing
  stop = () => void api.close()
  const response = await send()
  assert.equal(response.status, 502)
  assert.match(await response.text(), /"code":"BACKEND_UNREACHABLE".*"retry":true/)
  assert.equal(seen.length, 2)
  assert.equal(front.tally.replayed, 1)
})

test('an address that does not say 100 within CONNECT_TIMEOUT loses the proof at once: no further login waits', async t => {
  const { seen, send, front, address } = await setUp(t, (req, res, nth) => {
    if (req.headers.expect === undefined) answer(req, res, nth)
  })
  for (let i = 0; i < 3; i++) assert.equal((await send()).status, 200)
  assert.equal(seen.filter(each => each.expect !== undefined).length, 1)
  await eventually(() => front.backend.agent.expectations.isUnproven(address))
  await eventually(() => (front.backend.agent.state()[address]?.busy ?? 0) === 0)
  assert.equal((await send()).status, 200)
  assert.equal(seen.filter(each => each.expect !== undefined).length, 1)
  assert.equal(front.log.filter(line => String(line.msg).includes('100-continue')).length, 1)
})

test('an address that says 100 late, as in a garbage collection, keeps the proof and its connections', async t => {
  let late = () => {}
  const { seen, send, front, address } = await setUp(t, (req, res, nth) => {
    if (nth === 2) late = () => res.writeContinue()
    else (req.headers.expect === undefined ? answer : accept)(req, res, nth)
  })
  const idle = () => front.backend.agent.state()[address]?.idle ?? 0
  const before = idle()
  assert.equal((await send()).status, 200)
  assert.deepEqual(
    seen.map(each => [each.expect, each.executed]),
    [
      [undefined, true],
      ['100-continue', false],
      [undefined, true],
    ],
  )
  assert.ok(!front.backend.agent.expectations.isProven(address), 'it is not relied on meanwhile')
  late()
  await eventually(() => front.backend.agent.expectations.isProven(address))
  assert.ok(idle() >= before, `${idle()} of ${before}`)
  assert.equal((await send()).status, 200)
  assert.equal(seen.at(-1)?.expect, '100-continue')
})

for (const [words, path] of [
  ['below the login path', '/user/login/logout'],
  ['of a page', '/orders'],
] as const) {
  test(`a request ${words} that meets silence at a proven address is sent whole on the same connection, once`, async t => {
    const sockets = new Set<net.Socket>()
    const { seen, front, api, address } = await setUp(t, (req, res, nth) => {
      sockets.add(req.socket)
      res.setHeader('Connection', 'keep-alive')
      answer(req, res, nth)
    })
    api.keepAliveTimeout = 0
    const response = await fetch(`${front.egressUrl}${path}`, { method: 'POST', body: '{}' })
    assert.deepEqual([response.status, await response.text()], [200, 'welcome'])
    assert.deepEqual(seen.at(-1), { method: 'POST', expect: '100-continue', executed: true })
    assert.equal(seen.length, 2)
    assert.ok(front.backend.agent.expectations.isUnproven(address))
    // nobody else's answer may come over it: gevent takes a body behind an answer without a 100 for a request
    await eventually(() => [...sockets].every(each => each.destroyed))
  })
}

for (const [words, isDead] of [
  ['and answers nobody meanwhile, loses its idle connections', true],
  ['and answers other requests meanwhile, keeps its idle connections', false],
] as const)
  test(`an address that does not say 100 within CONNECT_TIMEOUT, ${words}`, async t => {
    let isAsked = false
    const held: http.ServerResponse[] = []
    const { front, address } = await setUp(
      t,
      (req, res, nth) => {
        isAsked ||= req.method === 'POST'
        if (isAsked) answer(req, res, nth)
        // four connections at once
        else if (held.push(res) === 4) for (const each of held) each.end()
      },
      { CONNECT_TIMEOUT: '2s' },
    )
    const send = (method: string) =>
      fetch(`${front.egressUrl}/orders`, { method, ...(method === 'POST' && { body: '{}' }) })
    const idle = () => front.backend.agent.state()[address]?.idle ?? 0
    await Promise.all(Array.from({ length: 4 }, () => send('GET')))
    await eventually(() => idle() >= 4)
    const post = send('POST')
    await eventually(() => isAsked)
    if (!isDead) assert.equal((await send('GET')).status, 200)
    assert.equal((await post).status, 200)
    await eventually(() => (front.backend.agent.state()[address]?.busy ?? 0) === 0)
    if (isDead) assert.equal(idle(), 0)
    else assert.ok(idle() >= 3, `${idle()} are left`)
  })

for (const [words, hint] of [
  ['102', (res: http.ServerResponse) => res.writeProcessing()],
  ['103', (res: http.ServerResponse) => res.writeEarlyHints({ link: '</x>; rel=preload' })],
] as const)
  test(`a login that gets ${words} in place of 100 is sent whole on the same connection, once`, async t => {
    const { seen, send } = await setUp(t, (req, res, nth) => {
      if (req.headers.expect !== undefined) hint(res)
      answer(req, res, nth)
    })
    const response = await send()
    assert.deepEqual([response.status, await response.text()], [200, 'welcome'])
    assert.deepEqual(seen.slice(1), [{ method: 'POST', expect: '100-continue', executed: true }])
  })
