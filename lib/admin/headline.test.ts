import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  addresses,
  bounds,
  englishHeadlineAfter as headline,
  headlineAfter,
  NOW,
  refusing,
  stale,
  worker,
} from '../../test/headline.ts'
import { BODIES_FULL } from '../http/errors.ts'
import { noteExceeded } from '../observe/bounds.ts'
import type { WorkerState } from '../observe/lifecycle.ts'

test('all is fine', () => {
  assert.deepEqual(headline({}, [10, {}]), {
    level: 'fine',
    text: 'Logins are fine.',
    detail: '2 addresses, DNS answered 1 s ago.',
  })
})

test('an address that cannot be reached is told, though logins are fine', () => {
  assert.deepEqual(headline({ failing: [refusing('10.0.1.5')] }, [10, {}]), {
    level: 'watch',
    text: 'Logins are fine; 1 of 2 addresses cannot be reached.',
    detail: 'ECONNREFUSED: connect; retried in the background. 2 addresses, DNS answered 1 s ago.',
    runbook: 'one-address-is-dead',
  })
})

test('a backend that can be reached nowhere is bad, also without a login', () => {
  const { level, text } = headline({ failing: addresses.listed.map(each => refusing(each)) })
  assert.deepEqual([level, text], ['bad', 'No address of the backend can be reached.'])
})

for (const code of ['CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'DEPTH_ZERO_SELF_SIGNED_CERT']) {
  test(`addresses that all show a certificate with ${code} are told by it, and lead to its section`, () => {
    const failing = addresses.listed.map(address => refusing(address, code, 'the certificate'))
    const lost = { status: 502, code: 'BACKEND_UNREACHABLE' } as const
    assert.deepEqual(headline({ failing }, [2, lost]), {
      level: 'bad',
      text: 'Every login fails: the certificate of the API is refused.',
      detail: `${code}: the certificate. 2 addresses, DNS answered 1 s ago.`,
      runbook: 'the-certificate-is-refused',
    })
    assert.equal(headline({ failing }).text, 'The certificate of the API is refused.')
    const [one, other = ''] = addresses.listed
    const mixed = [...failing.filter(({ address }) => address === one), refusing(other)]
    assert.match(headline({ failing: mixed }, [2, lost]).text, /no address can be reached\.$/)
  })
}

test('one that has left DNS and cannot be reached is nothing to be told of', () => {
  assert.equal(headline({ failing: [refusing('10.9.9.9')] }, [1, {}]).level, 'fine')
})

test('wrong passwords are fine, too', () => {
  assert.equal(headline({}, [10, { status: 401 }]).level, 'fine')
})

const login = (status: number) => ({ status, isLogin: true })

for (const status of [404, 405, 415, 421]) {
  test(`a backend that answers ${status} to every login is bad, and it says what to check`, () => {
    const { level, text, detail } = headline({}, [100, login(status)])
    assert.equal(level, 'bad')
    assert.match(text, new RegExp(`^Every login gets ${status} from the backend`))
    assert.match(text, /BACKEND_ORIGIN.*host.*BACKEND_PATHS/)
    assert.match(detail, /^100 of 100 in the last 30 s\./)
  })
}

test('a scanner that gets 404 below the login path, or by other methods, is nothing to look at', () => {
  const { level, text } = headline({}, [50, { status: 404 }], [5, login(401)])
  assert.deepEqual([level, text], ['fine', 'Logins are fine.'])
  assert.equal(headline({}, [50, { status: 404 }]).level, 'fine')
})

test('what a scanner gets does not hide that every login gets 404', () => {
  assert.equal(headline({}, [500, { status: 404 }], [50, { status: 200 }], [3, login(404)]).level, 'bad')
})

test('a 404 to a few logins is to be watched: an API may say so of a user that it does not know', () => {
  const { level, text } = headline({}, [9, login(200)], [1, login(404)])
  assert.equal(level, 'watch')
  assert.match(text, /^1 in 10 logins gets 404 from the backend/)
})

test('one that failed does not hide that all others get 404', () => {
  assert.match(headline({}, [99, login(404)], [1, login(502)]).text, /^Most logins get 404/)
})

test('an answer of the front itself is no sign of a wrong backend', () => {
  assert.match(
    headline({}, [5, { ...login(421), code: 'MISDIRECTED' }]).text,
    /^Every login gets 421 from Gatehouse/,
  )
})

for (const [status, code, why, runbook] of [
  [429, 'TOO_MANY', 'LOGIN_LIMIT or LOGIN_LIMIT_ACCOUNT is reached', 'logins-are-429'],
  [413, 'BODY_TOO_LARGE', 'their bodies are too large', 'logins-are-413-431-or-408'],
  [408, 'CLIENT_TIMEOUT', 'their bodies do not arrive in time', 'logins-are-413-431-or-408'],
  [400, 'BAD_REQUEST', 'see the log', 'logins-fail'],
] as const) {
  test(`logins that Gatehouse itself answers with ${code} are not fine`, () => {
    const refused = { ...login(status), code }
    const text = `Every login gets ${status} from Gatehouse itself: ${why}.`
    const detail = '200 of 200 in the last 30 s. 2 addresses, DNS answered 1 s ago.'
    assert.deepEqual(headline({}, [200, refused]), { level: 'bad', text, detail, runbook })
    assert.equal(headline({}, [200, refused], [300, login(200)]).level, 'watch')
    assert.equal(headline({}, [4, refused]).level, 'watch', 'it may be one person')
    assert.equal(headline({}, [4, refused], [96, login(401)]).text, 'Logins are fine.')
  })
}

test('logins from another site are told, which are refused before they have a route', () => {
  const refused = { ...login(403), route: 'refused', code: 'CROSS_SITE' } as const
  const { level, text, runbook } = headline({}, [200, refused])
  assert.deepEqual([level, runbook], ['bad', 'logins-are-403-cross_site'])
  assert.match(text, /^Every login gets 403 from Gatehouse itself: .*ALLOWED_ORIGINS\.$/)
})

test('an API with a rate limit of its own refuses everybody', () => {
  const { level, text, runbook } = headline({}, [10, login(429)])
  assert.deepEqual([level, runbook], ['bad', 'the-api-answers-4xx'])
  assert.equal(text, 'Every login gets 429 from the backend: the API has a rate limit of its own.')
})

for (const [of, level, text, runbook] of [
  ['connections', 'bad', /^Clients are turned away/, 'logins-are-413-431-or-408'],
  ['requests', 'bad', /MAX_BACKEND_REQUESTS/, 'too-many-requests-wait-for-the-api'],
  ['bodies', 'watch', /^BODY_MEMORY is full/, 'too-many-requests-wait-for-the-api'],
] as const) {
  test(`the bound on ${of} has its line for half a minute after it was exceeded`, t => {
    t.mock.timers.enable({ apis: ['Date'], now: NOW - 29_000 })
    const exceeded = bounds()
    noteExceeded(exceeded[of])
    const said = headline({ bounds: exceeded }, [10, {}])
    assert.deepEqual([said.level, said.runbook], [level, runbook])
    assert.match(said.text, text)
    exceeded[of].exceededAt = NOW - 30_000
    assert.equal(headline({ bounds: exceeded }, [10, {}]).level, 'fine')
  })
}

test('logins that fail since BODY_MEMORY is full are told from those that fail since the API is slow, whatever was streamed meanwhile', () => {
  const full = { status: 503, code: 'BACKEND_FULL' } as const
  const exceeded = bounds()
  exceeded.requests.exceededAt = NOW - 2000
  exceeded.bodies.exceededAt = NOW - 1000
  for (const [of, text] of [
    [{ ...full, cause: BODIES_FULL }, /^Every login fails: BODY_MEMORY is full/],
    [full, /^Every login fails: the limit MAX_BACKEND_REQUESTS/],
  ] as const) {
    const said = headline({ bounds: exceeded }, [5, of])
    assert.match(said.text, text)
    assert.equal(said.runbook, 'too-many-requests-wait-for-the-api')
  }
})

test('WebSockets that all fail are told', () => {
  const { level, text } = headline({}, [5, { route: 'upgrade', status: 502, code: 'BACKEND_UNREACHABLE' }])
  assert.deepEqual([level, text], ['bad', 'Every WebSocket to the API fails.'])
})

test('failed logins are the worst, and it says why they fail', () => {
  const lost = { status: 502, code: 'BACKEND_UNREACHABLE' } as const
  const one = headline({ addresses: { ...addresses, stale } }, [8, {}], [2, lost])
  assert.deepEqual([one.level, one.text], ['bad', '1 in 5 logins fails: no address can be reached.'])
  assert.equal(headline({}, [2, lost]).text, 'Every login fails: no address can be reached.')
  assert.equal(headline({}, [3, lost], [1, {}]).text, 'Most logins fail: no address can be reached.')
  assert.equal(headline({}, [1, { status: 500 }]).text, 'Every login fails: the API itself answers with 5xx.')
})

test('one of many is to be watched', () => {
  const { level, detail } = headline({}, [999, {}], [1, { status: 504, code: 'BACKEND_TIMEOUT' }])
  assert.equal(level, 'watch')
  assert.match(detail, /^1 of 1000 in the last 30 s\./)
})

test('DNS without an answer: since when and why; the sentence that is read aloud stays the same', () => {
  const { level, text, detail } = headline({ addresses: { ...addresses, stale } }, [10, {}])
  assert.equal(level, 'watch')
  assert.equal(text, 'DNS gives no answer: the last addresses stay in use.')
  assert.equal(detail, 'ESERVFAIL: no answer. 2 addresses, DNS silent for 40 s.')
})

test('DNS that has never answered', () => {
  const none = { listed: [], missing: [], departed: [], stale }
  assert.match(headline({ addresses: none }).text, /not named any address yet/)
  assert.equal(headline({ addresses: none }).level, 'bad')
})

test('no page worker, or one too few', () => {
  const gone: WorkerState = { ...worker, phase: 'gone' }
  assert.equal(headline({ workers: [gone] }, [1, {}]).level, 'bad')
  const { level, detail } = headline({ workers: [worker, gone] }, [1, {}])
  assert.equal(level, 'watch')
  assert.match(detail, /^1 of 2\./)
})

test('stopping, and a limit store that is away', () => {
  assert.match(headline({ lifecycle: { phase: 'stopping' } }, [1, {}]).text, /^Stopping/)
  const store = { connected: false, outages: 1, alone: 0 }
  assert.match(headline({ limit: { refused: { address: 0, account: 0 }, store } }).text, /counts for itself/)
})

test('a certificate that expires soon: the first of several, and after all else', () => {
  const expiring = [
    { name: 'https://other.dev.jp', at: new Date('2027-01-20T03:00:00Z') },
    { name: 'https://api.dev.jp', at: new Date('2027-01-18T03:00:00Z') },
  ]
  assert.deepEqual(headline({ expiring }, [1, {}]), {
    level: 'watch',
    text: 'Logins are fine; the certificate of https://api.dev.jp expires on 2027-01-18.',
    detail: '2 addresses, DNS answered 1 s ago.',
    runbook: 'the-certificate-is-refused',
  })
  assert.match(headline({ expiring, addresses: { ...addresses, stale } }).text, /^DNS gives no answer/)
})

test('what is bad is told before what is to be watched', () => {
  const gone: WorkerState = { ...worker, phase: 'gone' }
  assert.equal(headline({ workers: [gone], addresses: { ...addresses, stale } }).level, 'bad')
  assert.equal(headline({ lifecycle: { phase: 'stopping' }, workers: [gone] }).level, 'watch')
})

test('a sentence in Japanese, of all, of most and of some', () => {
  const timeout = { status: 504, code: 'BACKEND_TIMEOUT' } as const
  for (const [ok, failed, ja] of [
    [0, 9, 'すべてのログインが失敗しています：バックエンドが時間内に応答しません。'],
    [1, 9, 'ほとんどのログインが失敗しています：バックエンドが時間内に応答しません。'],
    [9, 1, '10 件に 1 件のログインが失敗しています：バックエンドが時間内に応答しません。'],
  ] as const)
    assert.equal(headlineAfter({}, [ok, {}], [failed, timeout]).text.ja, ja)
  const { detail } = headlineAfter({ failing: [refusing('10.0.1.5')] }, [3, {}])
  assert.equal(
    detail.ja,
    'ECONNREFUSED: connect。接続のリトライを続けています。アドレス 2 件、DNS の応答は 1 秒前。',
  )
})
