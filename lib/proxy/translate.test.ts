import assert from 'node:assert/strict'
import type http from 'node:http'
import { test } from 'node:test'
import { ask, file, header, recorder, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

let reply: http.RequestListener
const backend = recorder((req, res) => reply(req.resume(), res))
const { handler } = backend
const PUBLIC_ORIGIN = 'https://www.dev.jp, https://shop.dev.jp'
const { port, egressPort, alb, log } = await stage(file, { handler, env: { PUBLIC_ORIGIN } })
const plain = await stage(file, { handler })

/** What the client gets of these headers of an answer. */
async function passedOn(headers: string[], { at = port, host = 'www.dev.jp', own = [] as string[] } = {}) {
  reply = (_req, res) => res.writeHead(302, headers).end()
  return ask(at, request('GET /user/login', [`Host: ${host}`, ...own]))
}

for (const name of ['Location', 'Content-Location']) {
  test(`a ${name} on the backend's own origin becomes the same path here`, async () => {
    const answer = await passedOn([name, `https://api.dev.jp:${alb.port}/user/login/next?a=1#b`])
    assert.equal(answer.status, 302)
    assert.equal(header(answer, name), '/user/login/next?a=1#b')
  })
}

test('a Location on the fixed Host of a route becomes a path here', async t => {
  const front = await stage(t, {
    handler: (req, res) =>
      void req.resume().once('end', () => res.writeHead(302, { Location: 'http://int.dev.jp/v2/y' }).end()),
    config: to => ({ routes: [{ path: '/fx/', to: `${to}/v2`, host: 'int.dev.jp' }] }),
  })
  assert.equal(header(await ask(front.port, request('GET /fx/x')), 'location'), '/fx/y')
})

test('a Refresh is translated as well', async () => {
  assert.equal(
    header(await passedOn(['Refresh', '0; url=http://www.dev.jp/a']), 'refresh'),
    '0; url=https://www.dev.jp/a',
  )
})

test('other headers with a URL in them stay as they are', async () => {
  const url = `https://api.dev.jp:${alb.port}/a`
  const answer = await passedOn(['Link', `<${url}>`, 'X-Location', url])
  assert.deepEqual([header(answer, 'link'), header(answer, 'x-location')], [`<${url}>`, url])
})

test('behind a proxy that ends TLS and writes lists, http on the own host becomes https', async () => {
  const own = ['X-Forwarded-For: 203.0.113.7, 127.0.0.9', 'X-Forwarded-Proto: http, https, http']
  const answer = await passedOn(['Location', 'http://www.dev.jp/a'], { at: plain.port, own })
  assert.equal(header(answer, 'location'), 'https://www.dev.jp/a')
  const byHttp = await passedOn(['Location', 'http://www.dev.jp/a'], { at: plain.port })
  assert.equal(header(byHttp, 'location'), 'http://www.dev.jp/a')
})

test('several cookies stay apart, and each is looked at by itself', async () => {
  const cookies = ['a=1; Domain=api.dev.jp; HttpOnly', 'b=2; Domain=.dev.jp', 'c=3; Path=/', 'd']
  const answer = await passedOn(cookies.flatMap(each => ['Set-Cookie', each]))
  assert.equal(header(answer, 'set-cookie'), 'a=1; HttpOnly | b=2; Domain=.dev.jp | c=3; Path=/ | d')
})

test('a Domain is compared with the host that the client asked for', async () => {
  const cookie = ['Set-Cookie', 'a=1; Domain=shop.dev.jp']
  assert.equal(
    header(await passedOn(cookie, { host: 'shop.dev.jp' }), 'set-cookie'),
    'a=1; Domain=shop.dev.jp',
  )
  assert.equal(header(await passedOn(cookie, { host: 'www.dev.jp' }), 'set-cookie'), 'a=1')
  assert.equal(
    header(await passedOn(cookie, { host: 'shop.dev.jp:8443' }), 'set-cookie'),
    'a=1; Domain=shop.dev.jp',
  )
})

test('a Domain that was dropped is in the log once for each cookie, without its value', async () => {
  for (const value of ['himitsu', 'himitsu2'])
    await passedOn([
      'Set-Cookie',
      `sid=${value}; Domain=api.dev.jp`,
      'Set-Cookie',
      `csrf=${value}; Domain=api.dev.jp`,
    ])
  const told = log.filter(({ msg }) => String(msg).includes('Domain of a cookie'))
  assert.deepEqual(
    told
      .filter(({ name }) => name !== 'a')
      .map(({ level, name, domain, host }) => [level, name, domain, host]),
    [
      [40, 'sid', 'api.dev.jp', 'www.dev.jp'],
      [40, 'csrf', 'api.dev.jp', 'www.dev.jp'],
    ],
  )
  assert.doesNotMatch(JSON.stringify(log), /himitsu/)
})

test('a page gets the cookies of its own calls as they came', async () => {
  const cookie = 'a=1; Domain=api.dev.jp'
  const options = { at: egressPort, host: `127.0.0.1:${egressPort}` }
  const answer = await passedOn(
    ['Set-Cookie', cookie, 'Location', `https://api.dev.jp:${alb.port}/a`],
    options,
  )
  assert.equal(header(answer, 'set-cookie'), cookie)
  assert.equal(header(answer, 'location'), '/a')
})
