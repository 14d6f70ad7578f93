import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { HAVE_SECRETS } from '../lib/settings/settings.ts'
import { temporaryFolder } from '../test/temporary-folder.ts'
import { secretsIn } from './build.ts'

test('a build warns where the code of the app has the name of a secret that pages do not see', async t => {
  const root = await temporaryFolder(t)
  await mkdir(join(root, 'app/api'), { recursive: true })
  await writeFile(join(root, 'app/api/route.js'), 'if(r.headers["x-token"]!==process.env.ADMIN_TOKEN)return')
  await writeFile(
    join(root, 'app/page.js'),
    'process.env.CMS_ADMIN_TOKEN+process.env.RATE_LIMIT_STORE_URL+process.env.LIMIT_STORE$',
  )
  await writeFile(join(root, 'app/page.js.nft.json'), '["LIMIT_STORE"]')
  assert.deepEqual(await secretsIn(root), ['ADMIN_TOKEN'])
})

test('what pages do not see stands in the docs', async () => {
  for (const file of ['docs/parity.md', 'docs/adopt.md', 'docs/adopt.ja.md']) {
    const text = await readFile(file, 'utf8')
    for (const name of HAVE_SECRETS) assert.ok(text.includes(`\`${name}\``), `${name} in ${file}`)
  }
})
