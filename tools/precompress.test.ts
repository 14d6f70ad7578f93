import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../test/temporary-folder.ts'
import { precompress } from './precompress.ts'

test('the standalone server has public/, static/, .next/static, and with its age what the build has cached', async t => {
  const root = await temporaryFolder(t)
  const made = new Date('2026-11-01T00:00:00Z')
  for (const [folder, name] of [
    ['public', 'robots.txt'],
    ['static', 'logo.svg'],
    ['.next/static/chunks', 'a.js'],
    ['.next/cache/fetch-cache', '584e'],
    ['.next/standalone/.next', 'BUILD_ID'],
  ] as const) {
    await mkdir(join(root, folder), { recursive: true })
    await writeFile(join(root, folder, name), 'x'.repeat(1000))
    await utimes(join(root, folder, name), made, made)
  }
  await precompress(root)
  const inStandalone = (name: string) => join(root, '.next/standalone', name)
  assert.equal((await readFile(inStandalone('public/robots.txt'))).length, 1000)
  assert.equal((await readFile(inStandalone('static/logo.svg'))).length, 1000)
  assert.deepEqual(await readdir(inStandalone('.next/static/chunks')), ['a.js', 'a.js.br', 'a.js.gz'])
  assert.deepEqual((await stat(inStandalone('.next/cache/fetch-cache/584e'))).mtime, made)
})
