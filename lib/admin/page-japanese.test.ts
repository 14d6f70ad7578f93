import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { describeReaction } from '../backend/expectation.ts'
import { japanese } from './page/japanese.js'

const source = (name: string) => readFile(new URL(name, import.meta.url), 'utf8')

/** Two English words in a row: something was left as it is. Codes, paths, units and product names are none. */
const LEFT_OVER = /[a-z]{3,}[^\S\n]+[a-z]{3,}/

function assertJapanese(text: string) {
  const said = japanese(text)
  assert.match(said, /[\p{sc=Hira}\p{sc=Kana}\p{sc=Han}]/u, `${text} → ${said}`)
  assert.doesNotMatch(said, LEFT_OVER, text)
}

test('every text of the page itself has a translation', async () => {
  const html = await source('page/status.html')
  // without scripts nothing is translated
  const body = html.slice(html.indexOf('<body>')).replace(/<noscript>.*?<\/noscript>/gs, '')
  const texts = [...body.matchAll(/>([^<>]+)</g)].map(([, text = '']) => text.trim())
  const labels = [...body.matchAll(/aria-label="([^"]+)"/g)].map(([, text = '']) => text)
  const same = /^([^\p{L}]*|Gatehouse|p50|p99|\/state|\/metrics)$/u
  const wanted = [...texts, ...labels].filter(text => !same.test(text))
  assert.ok(wanted.length > 35)
  for (const text of wanted) assertJapanese(text)
})

test('every headline has a translation', async () => {
  const headline = await source('headline.ts')
  const found = [...headline.matchAll(/(?:bad|watch)\(\s*(?:'([^']+)'|`([^`]+)`)/g)].map(
    ([, plain, template = '']) => plain ?? template,
  )
  // those that are made of two parts are put together below
  const whole = found
    .filter(text => !/^\$\{|\$\{why\}/.test(text))
    .map(text => text.replace(/\$\{dead\.text\}/, '1 of 2 addresses').replace(/\$\{[^}]*\}/g, 'api.dev.jp'))
  const reasons = [...headline.matchAll(/why: '([^']+)'/g)].map(([, text = '']) => text)
  // a backend by its origin, and the name in its certificate
  whole.push(...whole.map(text => text.replace('api.dev.jp', 'https://10.0.0.1 (api.dev.jp)')))
  assert.ok(whole.length >= 14 && reasons.length >= 8)
  for (const text of [...whole, 'Logins are fine.', 'Ready; no login in the last 30 s.']) assertJapanese(text)
  for (const share of ['Every login fails', 'Most logins fail', '1 in 8 logins fails', 'A few logins failed'])
    for (const why of reasons) assertJapanese(`${share}: ${why}.`)
  for (const many of ['Every login gets', 'Most logins get', '1 in 3 logins gets'])
    assertJapanese(
      `${many} 404 from the backend, which does not mean a wrong password: check BACKEND_ORIGIN, the host and path rules of the API's ALB, and BACKEND_PATHS.`,
    )
})

test('every headline of what fails besides logins has a translation', async () => {
  const others = await source('headline-others.ts')
  const nouns = (form: string) =>
    [...others.matchAll(RegExp(`${form}: '([^']+)'`, 'g'))].map(([, noun = '']) => noun)
  assert.equal(nouns('one').length, 4)
  for (const one of nouns('one')) assertJapanese(`Every ${one} fails.`)
  for (const many of nouns('many'))
    for (const text of [`Most ${many} fail.`, `1 in 8 ${many} fails.`]) assertJapanese(text)
})

test('every headline of refused logins and of bounds has a translation', async () => {
  const refused = await source('headline-refused.ts')
  const reasons = [...refused.matchAll(/(?:why: |[?:] )'((?:LOGIN|pages|their|the API|see) ?[^']+)'/g)].map(
    ([, text = '']) => text,
  )
  const texts = [...refused.matchAll(/text: '([^']+)'/g)].map(([, text = '']) => text)
  const details = [...refused.matchAll(/often: `([^`]+)`/g)].map(([, text = '']) =>
    text.replace(/\$\{[^}]*\}/g, '7'),
  )
  assert.ok(reasons.length >= 7 && texts.length === 3 && details.length === 4)
  for (const text of texts) assertJapanese(text)
  for (const text of details) assertJapanese(`${text} 2 addresses.`)
  for (const why of reasons)
    for (const many of ['Every login gets', 'Most logins get', '1 in 3 logins gets'])
      for (const by of ['the backend', 'Gatehouse itself']) assertJapanese(`${many} 429 from ${by}: ${why}.`)
})

for (const [english, said] of [
  ['Every call of a page to the API fails.', 'ページから API への呼び出しがすべて失敗しています。'],
  ['Most pages fail.', 'ページのほとんどが失敗しています。'],
  [
    '1 in 8 requests to the API other than logins fails.',
    'ログイン以外の API へのリクエストが 8 回に 1 回の割合で失敗しています。',
  ],
  ['2 addresses, DNS answered 3 s ago.', 'アドレス 2 件、DNS の応答は 3 秒前。'],
  ['1 address, DNS silent for 4 min.', 'アドレス 1 件、DNS は 4 分応答なし。'],
  ['3 of 40 in the last 30 s. 2 addresses.', '直近 30 秒で 40 件中 3 件。アドレス 2 件。'],
  ['1 of 2. 2 addresses, DNS answered 3 s ago.', '2 個中 1 個。アドレス 2 件、DNS の応答は 3 秒前。'],
  [
    'ESERVFAIL: x; this has lasted 12 s. 2 addresses in use.',
    'ESERVFAIL: x、12 秒継続。アドレス 2 件を使用中。',
  ],
  ['0.1.0 · Node v26.10.0 · ready · up 3 min', '0.1.0 · Node v26.10.0 · 稼働中 · 稼働時間 3 分'],
  [
    'failed · 502 · BACKEND_UNREACHABLE · 615 ms · 10.0.0.1 · 2 attempts',
    '失敗 · 502 · BACKEND_UNREACHABLE · 615 ms · 10.0.0.1 · 試行 2 回',
  ],
  ['ECONNREFUSED: connect. 2 addresses.', 'ECONNREFUSED: connect。アドレス 2 件。'],
  [
    'ECONNREFUSED: connect; retried in the background. 2 addresses, DNS answered 1 s ago.',
    'ECONNREFUSED: connect。再試行を続けています。アドレス 2 件、DNS の応答は 1 秒前。',
  ],
  ['1 busy, 2 idle', '使用中 1、アイドル 2'],
  ['▲ address added  ✕ DNS silent', '▲ アドレス追加  ✕ DNS 無応答'],
  ['✕ away: each task counts for itself', '✕ 接続不可：タスクごとに集計'],
] as const) {
  test(`${english} is ${said}`, () => assert.equal(japanese(english), said))
}

test('every event has a translation', async () => {
  const events = await source('../observe/events.ts')
  const texts = [...events.matchAll(/(?:add|note)\(\s*'\w+',\s*(?:'([^']+)'|`([^`]+)`)[,)]/g)]
    .map(([, plain, template = '']) => plain ?? template)
    .filter(text => !text.includes('become') && !text.includes('silence'))
    .map(text => text.replace(/\$\{are\(addresses\)\}/, 'is').replace(/\$\{[^}]*\}/g, '1'))
  assert.ok(texts.length >= 9)
  const phases = [...events.matchAll(/^ {2}(?:starting|ready|stopping): '([^']+)'/gm)].map(
    ([, text = '']) => text,
  )
  assert.equal(phases.length, 3)
  const rest = [
    '10.0.0.1, 10.0.0.2 left DNS',
    '10.0.0.1 left DNS: 2 idle connections closed, 1 busy finishes',
    '10.0.0.1, 10.0.0.2 and 5 more are new in DNS',
    'DNS gives no answer (ESERVFAIL): the last addresses stay',
    'DNS has never answered (ESERVFAIL)',
  ]
  for (const text of [...texts, ...phases, ...rest]) {
    assertJapanese(text)
    // with several backends
    for (const name of ['https://api.dev.jp:8443', 'https://10.0.0.1 (api.dev.jp)'])
      assert.equal(japanese(`${name}: ${text}`), `${name}：${japanese(text)}`)
  }
})

test('what the charts, boxes and tables say has a translation', async () => {
  const chart = await source('page/chart.js')
  const labels = [...chart.matchAll(/label: '([^']+)'/g)].map(([, text = '']) => text)
  const addresses = await source('page/addresses.js')
  const states = [...addresses.matchAll(/^ {2}(?:used|missing|leaving|failing): '([^']+)'/gm)].map(
    ([, text = '']) => text,
  )
  assert.ok(labels.length >= 6 && states.length === 4)
  for (const text of [...labels, ...states]) assertJapanese(text)
  for (const text of [
    'In the last 5 min: 1 login, 1 failed.',
    'In the last 5 min: 1,200 logins, 0 failed.',
    'In the last 60 min: 1,200 logins, 3 failed, 2 misrouted; the slowest p99 was 1.2 s at 07:03:00.',
    'DNS answer 0.3 s old, cached for 1 s',
    'DNS answer 0.3 s old, cached for 3 s (its TTL: 60 s)',
    '✕ DNS gives no answer (ESERVFAIL). The last one is 2.0 s old, its TTL was 60 s',
    '✕ DNS has never answered: ESERVFAIL',
    'DNS answer for api.dev.jp.internal 0.3 s old, cached for 1 s',
    'From /etc/hosts: DNS is not asked',
    '✕ cannot be reached for 12 s, next attempt within 3 s: ECONNREFUSED',
    '✕ cannot be reached for 12 s, an attempt is under way: ECONNREFUSED',
    '1 busy, 2 idle, 3 unused',
    'not live since 07:03:00',
    'Below is how it was at the start. Trying again.',
    'Left DNS within 5 minutes, no connection open: 10.0.0.1',
  ])
    assertJapanese(text)
})

test('what an address does with Expect: 100-continue has a translation', () => {
  for (const reaction of [
    { does: 'continues', ms: 1 },
    { does: 'answers', status: 417 },
    { does: 'answers', status: 404 },
    { does: 'nothing', cause: 'silence' },
    { does: 'unreachable', cause: 'ECONNREFUSED' },
  ] as const)
    assertJapanese(describeReaction(reaction))
})

test('what is data stays as it is', () => {
  for (const text of [
    '10.0.0.1',
    'https://api.dev.jp',
    'ECONNREFUSED: connect ECONNREFUSED 10.0.0.1:443',
    '12 ms',
    '',
  ])
    assert.equal(japanese(text), text)
})
