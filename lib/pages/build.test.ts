import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ask, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { assertBuilt, readBuild } from './build.ts'
import { openStaticFiles } from './static/static.ts'

/** A build of an app below `basePath`, as Next writes it down. */
async function makeBuild(t: TestContext, files: Record<string, unknown>): Promise<string> {
  const root = await temporaryFolder(t)
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(root, name, '..'), { recursive: true })
    await writeFile(join(root, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return root
}

async function serve(t: TestContext, root: string) {
  const answerStatic = await openStaticFiles(root, readBuild(root))
  const { port } = await stage(t, {
    pages: (req, res, trace) => {
      if (!answerStatic(req, res, trace)) res.end(`page ${req.url}`)
    },
  })
  return (path: string) => ask(port, request(`GET ${path}`))
}

test('without a word of Next about it, the standalone server lies where a single app has it', async t => {
  const root = await makeBuild(t, {})
  const { script, assetPaths } = readBuild(root)
  assert.deepEqual([script, assetPaths], [join(root, '.next/standalone/server.js'), ['']])
})

test('the standalone server of a monorepo lies deeper', async t => {
  const root = await makeBuild(t, {
    '.next/required-server-files.json': { relativeAppDir: 'apps/shop', config: { basePath: '' } },
  })
  assert.equal(readBuild(root).script, join(root, '.next/standalone/apps/shop/server.js'))
})

for (const [written, has] of [
  [{}, false],
  [{ cacheHandlers: {} }, false],
  [{ cacheHandler: '../cache-handler.mjs' }, true],
  [{ cacheHandlers: { default: '../cache-handler.mjs' } }, true],
] as const) {
  test(`an app with ${JSON.stringify(written)} in its build ${has ? 'has a' : 'has no'} cache handler of its own`, async t => {
    const root = await makeBuild(t, { '.next/required-server-files.json': { config: written } })
    assert.equal(readBuild(root).hasCacheHandler, has)
  })
}

const PREFIXES: [assetPrefix: string, assetPaths: string[]][] = [
  ['/cdn', ['/shop', '/cdn']],
  ['cdn/', ['/shop', '/cdn']],
  ['https://cdn.dev.jp/a/', ['/shop', '/a']],
  ['https://cdn.dev.jp', ['/shop', '']],
  ['/shop', ['/shop']],
]
for (const [assetPrefix, assetPaths] of PREFIXES) {
  test(`with assetPrefix ${assetPrefix} built files are asked for below ${assetPaths.join(' and ')}`, async t => {
    const root = await makeBuild(t, {
      '.next/required-server-files.json': { config: { basePath: '/shop', assetPrefix } },
      '.next/static/a.js': 'script',
    })
    assert.deepEqual(readBuild(root).assetPaths, assetPaths)
    const get = await serve(t, root)
    for (const path of assetPaths) assert.equal((await get(`${path}/_next/static/a.js`)).body, 'script', path)
    const elsewhere = await get('/elsewhere/_next/static/a.js')
    assert.equal(elsewhere.body, 'page /elsewhere/_next/static/a.js')
  })
}

test('a build that is not there, or is by next build alone, is refused with what makes it', async t => {
  const root = await makeBuild(t, { '.next/static/a.js': 'a' })
  assert.throws(() => assertBuilt(root, readBuild(root)), /server\.js is not there; `npm run build` makes it/)
  await mkdir(join(root, '.next/standalone/.next'), { recursive: true })
  await writeFile(join(root, '.next/standalone/server.js'), '')
  assert.throws(
    () => assertBuilt(root, readBuild(root)),
    /standalone\/\.next\/static is not there; `gatehouse build`/,
  )
  await mkdir(join(root, '.next/standalone/.next/static'))
  assertBuilt(root, readBuild(root))
})
