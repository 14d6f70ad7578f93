import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { nextOf } from './next.ts'

async function folder(t: TestContext) {
  const root = await temporaryFolder(t)
  return root
}

test('Next is that of the app, not the one beside Gatehouse', async t => {
  const root = await folder(t)
  const next = join(root, 'node_modules/next')
  await mkdir(next, { recursive: true })
  await writeFile(join(root, 'package.json'), '{}')
  await writeFile(join(next, 'package.json'), '{"main":"own.js"}')
  await writeFile(join(next, 'own.js'), '')
  assert.equal(nextOf(root, 'next'), join(next, 'own.js'))
})

test('a folder without an app, a package.json that is no JSON, and an app without Next, are named', async t => {
  const root = await folder(t)
  assert.throws(() => nextOf(root, 'next'), { message: `there is no package.json in ${root}` })
  await writeFile(join(root, 'package.json'), '{"scripts":')
  assert.throws(() => nextOf(root, 'next'), /package\.json/)
  await writeFile(join(root, 'package.json'), '{}')
  assert.throws(() => nextOf(root, 'next'), { message: `Next.js is not installed in ${root}` })
})
