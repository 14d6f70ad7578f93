import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { describeSettings } from '../lib/settings/schema.ts'

const PAGES = ['README.md', ...globSync('docs/*.md').filter(file => !file.endsWith('.ja.md'))]

/** What somebody who knows Nginx or HAProxy looks for, and where it has to be found. */
const TERMS = {
  'reverse proxy': 'README.md',
  upstream: 'docs/from-nginx.md',
  'connection pool': 'docs/request-life.md',
  'keep-alive': 'docs/settings.md',
  TTL: 'docs/settings.md',
  failover: 'docs/request-life.md',
  'happy eyeballs': 'docs/request-life.md',
  retry: 'docs/settings.md',
  idempotent: 'docs/request-life.md',
  'graceful shutdown': 'docs/settings.md',
  draining: 'docs/request-life.md',
  backoff: 'docs/request-life.md',
  'load shedding': 'docs/request-life.md',
  backpressure: 'docs/request-life.md',
  readiness: 'docs/request-life.md',
}

for (const [term, page] of Object.entries(TERMS)) {
  test(`${page} has the term "${term}"`, () => {
    assert.ok(PAGES.includes(page))
    const words = readFileSync(page, 'utf8').replace(/\s+/g, ' ').toLowerCase()
    assert.ok(words.includes(term.toLowerCase()))
  })
}

/** What somebody who knows Nginx searches for first, and the page that explains it. */
const SEARCHED = {
  CSRF: ['SECURITY.md', 'docs/settings.md', 'docs/what-happens.md'],
  'graceful shutdown': ['README.md', 'docs/request-life.md', 'docs/what-happens.md'],
  retry: ['README.md', 'docs/what-happens.md'],
  'DNS cache': ['README.md', 'docs/from-nginx.md', 'docs/settings.md'],
  WebSocket: ['README.md', 'docs/routes.md'],
  CloudFront: ['README.md', 'docs/cloudfront.md'],
  'rate limit': ['README.md', 'docs/settings.md', 'docs/what-happens.md'],
  Terraform: ['README.md', 'docs/ecs.md'],
}

for (const [term, pages] of Object.entries(SEARCHED)) {
  test(`one search for "${term}" finds it in the README, which leads to the page that has it`, () => {
    const search = new RegExp(`\\b${term.replace(' ', '\\s+')}`, 'i')
    const readme = readFileSync('README.md', 'utf8')
    assert.match(readme, search)
    for (const page of pages) {
      assert.match(readFileSync(page, 'utf8'), search, page)
      assert.ok(page === 'README.md' || readme.includes(`](${page})`), page)
    }
  })
}

/** What is typed into a search box, and the page that has a heading with all of it. */
const HEADINGS = {
  'Next.js reverse proxy ECS': 'README.md',
  'Nginx 502 ALB scaled': 'README.md',
  '502 since ALB scaled': 'docs/runbook.md',
  'ALB 502 keep-alive timeout': 'docs/runbook.md',
  'DNS cache failover retry': 'docs/what-happens.md',
  'graceful shutdown': 'docs/request-life.md',
  'X-Forwarded-For': 'docs/requests.md',
  'Next.js ECS': 'docs/ecs.md',
  WebSocket: 'docs/routes.md',
  OpenTelemetry: 'docs/traces.md',
  'Redis cache': 'docs/caches.md',
}

for (const [terms, page] of Object.entries(HEADINGS)) {
  test(`a heading of ${page} has "${terms}"`, () => {
    const headings =
      readFileSync(page, 'utf8')
        .toLowerCase()
        .match(/^#+ .*/gm) ?? []
    const words = terms.toLowerCase().split(' ')
    assert.ok(headings.some(heading => words.every(word => heading.includes(word))))
  })
}

/** What readers had to guess at, and what the field says instead. */
const RIDDLES = [
  [/\b(stop|end|replace)(s|d|ed|ped)?( \w+){0,2} in order\b(?! to)/i, 'gracefully'],
  [/as many( \w+)? as may be/, 'the connection limit is reached'],
  [/stranger's certificate/, 'a certificate for another host name'],
  [/three that differ/, 'must be different'],
  [/(answer is|for|time) believed\b/, 'maximum time to cache a DNS answer'],
  [/\bfurther words go\b/i, 'other arguments are passed to'],
] as const

/** The same, in what is written for readers alone. */
const RIDDLES_OF_PAGES = [
  [/\bnobody knows\b/i, 'is unknown'],
  [/\b(is|are|was|were|be|still) believed\b|\bbelieves (the|every|that)\b/, 'trusted, or assumes'],
  [/\bwithout the danger that\b/, 'without the risk that'],
  [/\bfor whoever\b/i, 'for the engineer'],
] as const

test('no page, setting, event, metric or comment says in a riddle what has a name in the field', () => {
  const sources = globSync('{app,command,lib,demo,testing}/**/*.{ts,tsx,js}')
  assert.ok(sources.length > 100)
  const pages = [...PAGES, 'SECURITY.md', ...globSync('docs/decisions/*.md')]
  const found = [...pages, ...sources].flatMap(file => {
    const text = readFileSync(file, 'utf8').replace(/\s+(\* |\/\/ )?/g, ' ')
    const riddles = pages.includes(file) ? [...RIDDLES, ...RIDDLES_OF_PAGES] : RIDDLES
    return riddles
      .filter(([riddle]) => riddle.test(text))
      .map(([riddle, say]) => `${file}: ${riddle.exec(text)?.[0]}; say: ${say}`)
  })
  assert.deepEqual(found, [])
})

/** For those who change the code, or written by a program. */
const OF_CODE = /^docs\/(rules|request-life|where-the-time-goes|versus|backends)\.md$/

test('what a user reads calls the server Gatehouse: "the front" is a word of this code', () => {
  const read = globSync([
    'command/**/english.ts',
    'lib/admin/page/*.{html,js}',
    'deploy/observability/{alerts.yml,dashboard.json}',
    'docs/*.md',
  ]).filter(file => !OF_CODE.test(file))
  assert.ok(read.length > 25)
  const found = read.flatMap(file => {
    const text = readFileSync(file, 'utf8').replace(/^\s*(\/?\*|\/\/).*$/gm, '')
    return [...text.matchAll(/.*\b(?:the|a|this)\s+front\b(?!\s+page).*/gi)].map(
      ([words]) => `${file}: ${words.trim()}`,
    )
  })
  assert.deepEqual(found, [])
})

test("a setting's description says what it is before what its values do", () => {
  const bare = describeSettings().filter(({ meaning }) => /^[`\W]/.test(meaning))
  assert.deepEqual(
    bare.map(({ name, meaning }) => `${name}: ${meaning}`),
    [],
  )
})

test("a setting's description stands by itself: it does not begin in the middle of a sentence", () => {
  const leaning = describeSettings().filter(({ meaning }) => /^(then|the same|also|for|when)\b/.test(meaning))
  assert.deepEqual(
    leaning.map(({ name, meaning }) => `${name}: ${meaning}`),
    [],
  )
})

test('no table has a column without a heading', () => {
  const bare = PAGES.flatMap(file =>
    [...readFileSync(file, 'utf8').matchAll(/^(\|.*\|)\n\| *:?-{3}/gm)]
      .filter(([, head = '']) => /\|\s*\|/.test(head))
      .map(([, head]) => `${file}: ${head}`),
  )
  assert.deepEqual(bare, [])
})

test('README.md is read in two minutes: 1,200 words at most, tables included, blocks of code left out', () => {
  const words = readFileSync('README.md', 'utf8')
    .replace(/^```[\s\S]*?^```/gm, '')
    .split(/\s+/)
    .filter(word => /[\p{L}\p{N}]/u.test(word))
  assert.ok(words.length <= 1200, `${words.length} words`)
})
