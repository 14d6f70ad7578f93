import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { fileRequests } from '../../test/pages/built-site.ts'
import { essence, PUBLIC_ORIGIN, ROWS, WAYS } from '../../test/pages/page-rows.ts'
import {
  copy,
  ELSEWHERE,
  elsewhere,
  fronts,
  nextStart,
  portOf,
  start,
  WORKERS,
} from '../../test/pages/production.ts'
import { BOTH, HERE, WITH_WORKERS } from '../../test/pages/websockets.ts'
import { compare } from '../../test/parity/compare.ts'
import { KNOWN, reasonFor } from '../../test/parity/known.ts'
import { REQUESTS } from '../../test/parity/requests.ts'

test('pages and proxy.ts answer as under next start, whatever the Host and the scheme', async t => {
  const next = await nextStart()
  for (const PAGE_WORKERS of WORKERS) {
    const port = portOf(await start(t, { PAGE_WORKERS, ELSEWHERE, PUBLIC_ORIGIN }))
    for (const [way, headers] of Object.entries(WAYS)) {
      for (const { name, row, status, has } of ROWS) {
        await t.test(`${name}, ${way}, with ${PAGE_WORKERS} workers`, async () => {
          const expected = essence(await row(next.port, headers), next.port)
          assert.equal(expected.status, status)
          assert.match(
            Object.values(expected)
              .find(value => has.test(`${value}`))
              ?.toString() ?? '',
            has,
          )
          assert.deepEqual(essence(await row(port, headers), port), expected)
        })
      }
    }
  }
})

test('WebSockets go through rewrites as under next start, and what is none is answered', async t => {
  const next = await nextStart()
  for (const [name, row] of Object.entries({ ...BOTH, ...WITH_WORKERS }))
    await t.test(`${name}, under next start`, sub => row(sub, next.port, elsewhere))
  for (const PAGE_WORKERS of WORKERS) {
    const front = await fronts[PAGE_WORKERS]()
    for (const [name, row] of Object.entries({ ...BOTH, ...HERE, ...(PAGE_WORKERS !== '0' && WITH_WORKERS) }))
      await t.test(`${name}, with ${PAGE_WORKERS} workers`, sub => row(sub, portOf(front), elsewhere))
  }
})

test('pages, handlers and odd paths are answered as under next start', async () => {
  const next = await nextStart()
  const port = portOf(await fronts[1]())
  const way = WAYS['over http'] ?? []
  const found: string[] = []
  for (const each of REQUESTS) {
    for (const line of await compare([next.port, port], each, way))
      if (reasonFor(each, line) === undefined)
        found.push(`${each.method} ${each.path} ${each.headers}: ${line}`)
  }
  assert.deepEqual(found, [])
})

test('docs/parity.md has each difference that is known', async () => {
  const page = await readFile('docs/parity.md', 'utf8')
  for (const { reason } of KNOWN) assert.ok(page.includes(`| ${reason} |`), reason)
  assert.ok(page.includes(`${REQUESTS.length} requests`))
})

for (const PAGE_WORKERS of WORKERS) {
  test(`files are answered as under next start, with ${PAGE_WORKERS} workers`, async t => {
    const next = await nextStart()
    const port = portOf(await fronts[PAGE_WORKERS]())
    for (const each of await fileRequests(copy)) {
      await t.test(`${each.method} ${each.path} ${each.headers}`, async () =>
        assert.deepEqual(await compare([next.port, port], each, []), []),
      )
    }
  })
}
