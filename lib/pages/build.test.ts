import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ask, header, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { readBuild } from './build.ts'
import { openStaticFiles } from './static/static.ts'

const HEADERS = [{ key: 'X-All', value: '1' }]

/** A build of an app below `basePath`, as Next writes it down. */
async function makeBuild(t: TestContext, files: Record<string, unknown>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'gatehouse-build-'))
  t.after(() => rm(root, { recursive: true }))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(root, name, '..'), { recursive: true })
    await writeFile(join(root, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return root
}

async function serve(t: TestContext, root: string) {
  const answerStatic = openStaticFiles(root, readBuild(root))
  const { port } = await stage(t, {
    pages: (req, res, trace) => {
      if (!answerStatic(req, res, trace)) res.end(`page ${req.url}`)
    },
  })
  return (path: string) => ask(port, request(`GET ${path}`))
}

test('without a word of Next about it, the standalone server lies where a single app has it', async t => {
  const root = await makeBuild(t, {})
  const { script, basePath, assetPaths } = readBuild(root)
  assert.deepEqual([script, basePath, assetPaths], [join(root, '.next/standalone/server.js'), '', ['']])
})

test('the standalone server of a monorepo lies deeper', async t => {
  const root = await makeBuild(t, {
    '.next/required-server-files.json': { relativeAppDir: 'apps/shop', config: { basePath: '' } },
    '.next/standalone/apps/shop/public/a.txt': 'of the copy',
  })
  assert.equal(readBuild(root).script, join(root, '.next/standalone/apps/shop/server.js'))
  const get = await serve(t, root)
  assert.equal((await get('/a.txt')).body, 'of the copy')
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
  })
}

test('files are below basePath, with the headers of it, and nothing else is', async t => {
  const root = await makeBuild(t, {
    '.next/required-server-files.json': { config: { basePath: '/shop' } },
    '.next/routes-manifest.json': { headers: [{ regex: '^/shop(?:/(.*))$', headers: HEADERS }] },
    '.next/static/a.js': 'script',
    'public/a.txt': 'text',
  })
  const get = await serve(t, root)
  // the second time it comes from memory
  for (let time = 0; time < 2; time++) {
    for (const [path, body] of [
      ['/shop/_next/static/a.js?x', 'script'],
      ['/shop/a.txt', 'text'],
    ] as const) {
      const answer = await get(path)
      assert.deepEqual([answer.status, answer.body, header(answer, 'x-all')], [200, body, '1'], path)
    }
  }
  assert.equal((await get('/shop/_next/static/b.js')).status, 404)
  for (const path of ['/a.txt', '/_next/static/a.js', '/shop', '/shop/', '/shopX/a.txt', '/shop/shop/a.txt'])
    assert.equal((await get(path)).body, `page ${path}`, path)
})

test('where proxy.ts, a redirect or a rewrite comes first, a file of public/ is left to a page, however it is spelt', async t => {
  const names = ['node', 'edge', 'redirect', 'rewrite', 'free']
  const root = await makeBuild(t, {
    '.next/routes-manifest.json': {
      redirects: [
        { regex: '^/redirect\\.txt$' },
        { regex: '^(?:/((?:[^/]+?)(?:/(?:[^/]+?))*))/$', internal: true },
      ],
      rewrites: { beforeFiles: [{ regex: '^/rewrite\\.txt$' }], afterFiles: [{ regex: '^/free\\.txt$' }] },
    },
    '.next/standalone/.next/server/functions-config-manifest.json': {
      functions: { '/_middleware': { matchers: [{ regexp: '^/node\\.txt$' }] } },
    },
    '.next/server/middleware-manifest.json': {
      middleware: { '/': { matchers: [{ regexp: '^/edge\\.txt$' }] } },
    },
    '.next/static/a.js': 'script',
    ...Object.fromEntries(names.map(name => [`public/${name}.txt`, 'a file'])),
  })
  const get = await serve(t, root)
  for (const name of names.slice(0, -1)) {
    for (const path of [`/${name}.txt?x`, `/${name}.txt/`, `/${name}%2etxt`, `/${name}%2Etxt/`])
      assert.equal((await get(path)).body, `page ${path}`)
  }
  assert.equal((await get('/free.txt')).body, 'a file')
})

test('a rule of next.config.js holds in any case, as with Next; a matcher of proxy.ts in its own', async t => {
  const root = await makeBuild(t, {
    '.next/routes-manifest.json': {
      headers: [{ regex: '^/(.*)\\.txt$', headers: HEADERS }],
      redirects: [{ regex: '^/old(?:/(.*))$' }],
    },
    '.next/server/functions-config-manifest.json': {
      functions: { '/_middleware': { matchers: [{ regexp: '^/new/(.*)$' }] } },
    },
    'public/Old/a.txt': 'a file',
    'public/New/A.TXT': 'a file',
  })
  const get = await serve(t, root)
  assert.equal((await get('/Old/a.txt')).body, 'page /Old/a.txt')
  const answer = await get('/New/A.TXT')
  assert.deepEqual([answer.body, header(answer, 'x-all')], ['a file', '1'])
})

test('the compressed copy of a file is no way past the rule of the file', async t => {
  const root = await makeBuild(t, {
    '.next/server/functions-config-manifest.json': {
      functions: { '/_middleware': { matchers: [{ regexp: '^/members\\.json$' }] } },
    },
    ...Object.fromEntries(
      ['members.json', 'members.json.br', 'free.json', 'free.json.br', 'sub/members.json.br', 'list.gz'].map(
        name => [`.next/standalone/public/${name}`, 'a file'],
      ),
    ),
  })
  const get = await serve(t, root)
  assert.equal((await get('/members.json')).body, 'page /members.json')
  for (const path of ['/members.json.br', '/members.json%2ebr', '/members.json.br/?x', '/members%2Ejson.br'])
    assert.equal((await get(path)).status, 404, path)
  for (const path of ['/free.json', '/free.json.br', '/list.gz', '/sub/members.json.br'])
    assert.equal((await get(path)).body, 'a file', path)
})
