import assert from 'node:assert/strict'
import http from 'node:http'
import { test } from 'node:test'
import { about, listening, patient } from '../../../test/patient.ts'

const answering =
  (status: number, headers: http.OutgoingHttpHeaders = {}): http.RequestListener =>
  (req, res) =>
    void req.resume().on('end', () => res.writeHead(status, headers).end())

test('only HEAD and OPTIONS are sent, to the first of BACKEND_PATHS, with nothing of a login', async t => {
  const seen: string[] = []
  const { examine } = await patient(t, {
    handler(req, res) {
      let body = ''
      req.on('data', chunk => {
        body += chunk
      })
      req.on('end', () => {
        seen.push(`${req.method} ${req.url} ${req.headers.host?.replace(/\d+$/, 'port')} ${body}`)
        res.end()
      })
    },
  })
  await examine({ BACKEND_PATHS: '/sign/in, /user' })
  assert.deepEqual(seen, [
    'HEAD /sign/in api.dev.jp:port ',
    'HEAD /sign/in api.dev.jp:port ',
    'OPTIONS /sign/in api.dev.jp:port {}',
  ])
})

for (const status of [200, 204, 302, 401, 404, 405]) {
  test(`${status} to a request is an answer like any other`, async t => {
    const { alb, examine } = await patient(t, { handler: answering(status) })
    const report = await examine()
    assert.equal(report.ok, true)
    const [request] = about(report, 'request')
    assert.equal(request?.result, 'ok')
    assert.match(request?.says ?? '', new RegExp(`^HEAD /user/login to ${alb.listed[0]}: ${status} in `))
  })
}

test('503 is a warning: it is the backend that is not well', async t => {
  const { examine } = await patient(t, { handler: answering(503) })
  const report = await examine()
  assert.equal(report.ok, true)
  const [request] = about(report, 'request')
  assert.equal(request?.result, 'warning')
  assert.match(request?.todo ?? '', /health of the ALB's targets/)
})

test('a backend that never answers a request', async t => {
  const { alb, examine } = await patient(t)
  const [silent = ''] = alb.listed
  await alb.fault(silent, 'silent')
  const [first, second] = about(await examine(), 'request')
  assert.equal(first?.result, 'wrong')
  assert.match(first?.says ?? '', new RegExp(`to ${silent}: no answer within 2.0 s$`))
  assert.equal(second?.result, 'ok')
})

test('https behind an http origin', async t => {
  const { alb, examine } = await patient(t)
  const report = await examine({ BACKEND_ORIGIN: alb.origin.replace('https:', 'http:') })
  const [request] = about(report, 'request')
  assert.equal(request?.result, 'wrong')
  assert.equal(request?.says, `${alb.listed[0]}:${alb.port} speaks TLS, and BACKEND_ORIGIN says http`)
  assert.equal(request?.todo, `Set BACKEND_ORIGIN=${alb.origin}.`)
})

test('plain HTTP that is answered has no certificate, and is well', async t => {
  const { examine } = await patient(t, { secure: false })
  const report = await examine()
  assert.equal(report.ok, true)
  assert.deepEqual(
    about(report, 'certificate').map(each => [each.result, each.says]),
    [['skipped', 'since plain HTTP has none']],
  )
})

test('plain HTTP that is redirected to HTTPS is a warning that names the origin', async t => {
  const handler = answering(301, { Location: 'https://api.dev.jp:443/user/login' })
  const { examine } = await patient(t, { secure: false, handler })
  const [request] = about(await examine(), 'request')
  assert.equal(request?.result, 'warning')
  assert.match(request?.says ?? '', /, to https:\/\/api\.dev\.jp$/)
})

test('a backend that says 100 takes what a login asks first', async t => {
  const { examine } = await patient(t, { handler: answering(405) })
  const [asked] = about(await examine(), '100-continue')
  assert.deepEqual([asked?.result, asked?.says], ['ok', 'the backend says 100; then, to OPTIONS: 405'])
})

/** Plain HTTP, and a head with `Expect: 100-continue` is answered at once, or never. */
const expecting = (status?: number) =>
  http.createServer(answering(200)).on('checkContinue', (_req, res) => {
    if (status) res.writeHead(status).end()
  })

test('a backend that refuses OPTIONS itself, without a 100, is well', async t => {
  const port = await listening(t, expecting(405))
  const { examine } = await patient(t)
  const [asked] = about(await examine({ BACKEND_ORIGIN: `http://127.0.0.1:${port}` }), '100-continue')
  assert.equal(asked?.result, 'ok')
  assert.match(asked?.says ?? '', /405 to OPTIONS without a 100/)
})

for (const [words, status, says] of [
  ['ignores it', undefined, /: no answer within 2\.0 s$/],
  ['refuses it', 417, /: 417$/],
] as const) {
  test(`a backend that ${words} when it is asked Expect: 100-continue is a warning`, async t => {
    const { examine } = await patient(t)
    const port = await listening(t, expecting(status))
    const report = await examine({ BACKEND_ORIGIN: `http://127.0.0.1:${port}` })
    const [asked] = about(report, '100-continue')
    assert.equal(asked?.result, 'warning')
    assert.match(asked?.says ?? '', says)
    assert.match(asked?.todo ?? '', /REPLAY=off/)
    assert.equal(report.ok, true)
  })
}

test('with REPLAY=off nothing is asked first, so it is not tried', async t => {
  const { examine } = await patient(t)
  const [asked] = about(await examine({ REPLAY: 'off' }), '100-continue')
  assert.deepEqual([asked?.result, asked?.says], ['skipped', 'since REPLAY is off'])
})

for (const [seconds, result, words] of [
  [0, 'ok', /^the same as the backend's/],
  [-10, 'ok', /s ahead of the backend's$/],
  [-100, 'warning', /s ahead of the backend's$/],
  [100, 'warning', /s behind the backend's$/],
] as const) {
  test(`a backend whose clock is ${seconds} s from here: ${result}`, async t => {
    const { examine } = await patient(t, {
      handler: (req, res) =>
        answering(200, { Date: new Date(Date.now() + seconds * 1000).toUTCString() })(req, res),
    })
    const report = await examine()
    const [clock] = about(report, 'clock')
    assert.equal(clock?.result, result)
    assert.match(clock?.says ?? '', words)
    assert.equal(report.ok, true)
  })
}

test('a backend without a Date says nothing about the clock', async t => {
  const { examine } = await patient(t, {
    handler(_req, res) {
      res.sendDate = false
      res.end()
    },
  })
  const [clock] = about(await examine(), 'clock')
  assert.deepEqual([clock?.result, clock?.says], ['skipped', 'since the backend sends no Date'])
})
