import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { type HeadersAt, readRules } from './rules.ts'

const ALL = '^(?:/(.*))?$'
const PATH = '/_next/static/chunks/A.js'

/** The rules of a build, as Next writes them down. */
async function rulesOf(t: TestContext, files: Record<string, unknown>): Promise<HeadersAt> {
  const root = await temporaryFolder(t)
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(root, name, '..'), { recursive: true })
    await writeFile(join(root, name), JSON.stringify(content))
  }
  return readRules(root, { standalone: join(root, '.next/standalone'), assetPaths: ['', '/cdn'] })
}

const routes = (manifest: Record<string, unknown>) => ({ '.next/routes-manifest.json': manifest })
const header = (value: string, rest = {}) => ({
  headers: [{ regex: ALL, headers: [{ key: 'X-All', value }], ...rest }],
})

test('without a rule a file has no headers of the app', async t => {
  assert.deepEqual((await rulesOf(t, {}))(PATH), {})
})

test('of several headers with one name the last counts, and a rule for another path does not', async t => {
  const headersAt = await rulesOf(
    t,
    routes({
      headers: [
        { regex: ALL, headers: [{ key: 'Cache-Control', value: 'no-cache' }] },
        { regex: '^/_next/(.*)$', headers: [{ key: 'cache-control', value: 'no-store' }] },
        { regex: '^/pages$', headers: [{ key: 'X-Pages', value: 'only' }] },
      ],
    }),
  )
  assert.deepEqual(headersAt(PATH), { 'cache-control': 'no-store' })
})

for (const value of ["img-src 'self' data:; connect-src ws: https://a.example:8080", 'a: b', '12:30']) {
  test(`${value} has no parameter in it`, async t => {
    assert.deepEqual((await rulesOf(t, routes(header(value))))(PATH), { 'x-all': value })
  })
}

const LEFT: [words: string, files: Record<string, unknown>][] = [
  ['a header with a parameter', routes(header('of :path*'))],
  ['a header with a condition', routes(header('1', { has: [{ type: 'header', key: 'x' }] }))],
  ['a header with a condition that must not hold', routes(header('1', { missing: [{ type: 'query' }] }))],
  ['a cookie', routes({ headers: [{ regex: ALL, headers: [{ key: 'Set-Cookie', value: 'a=1' }] }] })],
  ['a header for what a page or file matches', routes({ onMatchHeaders: [{ regex: ALL }] })],
  ['a redirect', routes({ redirects: [{ regex: '^/_next/static/chunks/a\\.js$' }] })],
  ['a rewrite before files', routes({ rewrites: { beforeFiles: [{ regex: ALL }] } })],
  [
    'proxy.ts',
    {
      '.next/standalone/.next/server/functions-config-manifest.json': {
        functions: { '/_middleware': { matchers: [{ regexp: ALL }] } },
      },
    },
  ],
  [
    'middleware.ts',
    {
      '.next/server/middleware-manifest.json': { middleware: { '/': { matchers: [{ regexp: ALL }] } } },
    },
  ],
]
for (const [words, files] of LEFT) {
  test(`${words} leaves the file to Next`, async t => {
    assert.equal((await rulesOf(t, files))(PATH), undefined)
  })
}

const SERVED: [words: string, files: Record<string, unknown>][] = [
  [
    "Next's own rewrite for assetPrefix",
    routes({ rewrites: { beforeFiles: [{ source: '/cdn/_next/:path+', regex: ALL }] } }),
  ],
  ['a rewrite behind files', routes({ rewrites: { beforeFiles: [], afterFiles: [{ regex: ALL }] } })],
  ['a list of rewrites, which come behind files', routes({ rewrites: [{ regex: ALL }] })],
  [
    'another case, where next.config is case sensitive',
    routes({ caseSensitive: true, redirects: [{ regex: '^/_next/static/chunks/a' }] }),
  ],
  [
    'another case of a matcher',
    {
      '.next/server/functions-config-manifest.json': {
        functions: { '/_middleware': { matchers: [{ regexp: '^/_next/static/chunks/a' }] } },
      },
    },
  ],
]
for (const [words, files] of SERVED) {
  test(`${words} leaves nothing to Next`, async t => {
    assert.deepEqual((await rulesOf(t, files))(PATH), {})
  })
}

test('a rule is looked at with the path as it is asked for, and decoded', async t => {
  for (const regex of ['%5Blang%5D', '\\[lang\\]']) {
    const headersAt = await rulesOf(t, routes({ redirects: [{ regex }] }))
    assert.equal(headersAt('/_next/static/chunks/app/%5Blang%5D/page.js'), undefined)
  }
})
