import assert from 'node:assert/strict'
import type http from 'node:http'
import { test } from 'node:test'
import { about, answering, patient } from '../../test/patient.ts'
import { inText } from './report.ts'

test('HEAD is sent to every address and one POST to one of them, to the login path, without a name and a password', async t => {
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
    'POST /sign/in api.dev.jp:port {}',
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

/** Answers POST as said, and everything else with 405, as an API that has a login and no page for it. */
const toPost =
  (status: number, headers: http.OutgoingHttpHeaders = {}): http.RequestListener =>
  (req, res) =>
    answering(req.method === 'POST' ? status : 405, req.method === 'POST' ? headers : {})(req, res)

for (const status of [200, 302, 400, 401, 403, 415, 422]) {
  test(`${status} to a login without a name and a password is what an API may say`, async t => {
    const { examine } = await patient(t, { handler: toPost(status, { Location: '/login?error=form' }) })
    const report = await examine()
    const [login] = about(report, 'login')
    assert.equal(login?.result, 'ok')
    assert.match(
      login?.says ?? '',
      new RegExp(`^POST /user/login without a name and a password: ${status}, `),
    )
    assert.ok(report.findings.every(({ result }) => result === 'ok' || result === 'skipped'))
  })
}

for (const status of [404, 405, 421]) {
  test(`${status} to every login is a warning that names what to check`, async t => {
    const { examine } = await patient(t, { handler: answering(status) })
    const report = await examine()
    const [login] = about(report, 'login')
    assert.equal(login?.result, 'warning')
    assert.match(login?.todo ?? '', /BACKEND_ORIGIN.*host.*rule.*BACKEND_PATHS/)
    assert.doesNotMatch(inText(report), /All is well/)
  })
}

for (const [words, handler] of [
  ['to everything', answering(403)],
  ['of the ALB itself', toPost(403, { Server: 'awselb/2.0' })],
] as const) {
  test(`403 ${words} looks like a default rule, and is a warning`, async t => {
    const { examine } = await patient(t, { handler })
    const [login] = about(await examine(), 'login')
    assert.equal(login?.result, 'warning')
    assert.match(login?.todo ?? '', /default rule/)
  })
}

test('a login that is sent to another host is a warning that names it', async t => {
  const { examine } = await patient(t, { handler: toPost(302, { Location: 'https://other.dev.jp/x' }) })
  const [login] = about(await examine(), 'login')
  assert.equal(login?.result, 'warning')
  assert.match(login?.says ?? '', /: 302, to https:\/\/other\.dev\.jp$/)
})

test('a login that is sent to another path or port of the same host is none', async t => {
  const { examine } = await patient(t, { handler: toPost(307, { Location: 'https://api.dev.jp:9/login' }) })
  assert.equal(about(await examine(), 'login')[0]?.result, 'ok')
})

test('500 to a login alone is a warning', async t => {
  const { examine } = await patient(t, { handler: toPost(500) })
  const report = await examine()
  assert.equal(about(report, 'request')[0]?.result, 'ok')
  assert.equal(about(report, 'login')[0]?.result, 'warning')
})

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
