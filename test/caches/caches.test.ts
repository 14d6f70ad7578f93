import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { withoutServer } from '../store.ts'
import { buildApp, type Found, measure } from './app.ts'

test('with a cache in Redis, two workers and two tasks answer with nothing old', {
  skip: withoutServer,
}, async t => {
  const found: Found[] = []
  for await (const each of measure(t, await buildApp(t), 1)) found.push(each)
  assert.equal(found.length, 14)
  assert.ok(found.every(({ of }) => of > 0))
  assert.deepEqual(
    found.filter(({ wrong }) => wrong > 0),
    [],
  )
})

test('docs/caches.md has the files of the app that is tested', async () => {
  const page = await readFile('docs/caches.md', 'utf8')
  for (const name of ['redis.cjs', 'cache-handler.cjs', 'cache-handlers.cjs'])
    assert.ok(page.includes(await readFile(`test/caches/site/${name}`, 'utf8')), name)
})
