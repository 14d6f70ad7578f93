import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'

// that they keep nothing old: `npm run caches`, which takes its time for a build of their own

test('docs/caches.md has the files of the app that is tested', async () => {
  const page = await readFile('docs/caches.md', 'utf8')
  for (const name of ['redis.cjs', 'cache-handler.cjs', 'cache-handlers.cjs'])
    assert.ok(page.includes(await readFile(`test/caches/site/${name}`, 'utf8')), name)
})
