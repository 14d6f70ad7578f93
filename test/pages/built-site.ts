import { spawnSync } from 'node:child_process'
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { editFile, makeWorkingCopy } from '../../e2e/working-copy.ts'
import type { Request } from '../parity/requests.ts'

const SITE = fileURLToPath(new URL('./site', import.meta.url))
/** Rules that depend on the request; one is for a built file. */
const HEADERS = `
      { source: '/:path*.txt', headers: [{ key: 'X-Path', value: 'of :path*' }] },
      { source: '/:path*', has: [{ type: 'header', key: 'x-asks' }], headers: [{ key: 'X-Has', value: 'yes' }] },
      { source: '/_next/static/:path*', locale: false, headers: [{ key: 'X-Built', value: 'yes' }] },`
/** Of public/: types that are easily missed, and a name that no browser sends as it is. */
const FILES: Readonly<Record<string, string>> = {
  'words.txt': '言葉 of public. '.repeat(100),
  'list.csv': '名前,値\n'.repeat(100),
  'module.mjs': 'export {}\n'.repeat(100),
  'ぬ.json': '{}',
  ...Object.fromEntries(
    ['ico', 'xlsx', 'docx', 'pptx', 'apk', '7z', 'pkpass', 'vcf', 'woff2', 'avif', 'noend'].map(end => [
      `file.${end}`,
      'some bytes',
    ]),
  ),
}
/** Each condition that a rule may have, and a path that no browser sends as it is. */
const REDIRECTS = `async () => [
      { source: '/if/cookie', has: [{ type: 'cookie', key: 'who', value: '(?<who>.+)' }], destination: '/echo?who=:who', permanent: false },
      { source: '/if/host', has: [{ type: 'host', value: 'www.dev.jp' }], destination: '/fixed', permanent: false },
      { source: '/if/query', has: [{ type: 'query', key: 'q' }], missing: [{ type: 'header', key: 'x-asks' }], destination: '/fixed', statusCode: 301 },
      { source: '/if/proto', has: [{ type: 'header', key: 'x-forwarded-proto', value: 'https' }], destination: '/fixed', permanent: true },
      { source: '/太郎/:rest*', locale: false, destination: '/tenants/:rest*', permanent: true },
    ]`
const I18N = "i18n: { locales: ['en', 'ja'], defaultLocale: 'en', localeDetection: false },"

/** To another server, of which `elsewhere.ts` says what it does. */
const REWRITES = "async () => [{ source: '/socket/:path*', destination: process.env.ELSEWHERE + '/:path*' }]"

/** What an app has in its register() of instrumentation.ts: a port of its own, as Prometheus clients have one. */
const REGISTERED = `  const { OWN_PORT } = process.env
  const { createServer } = await import('node:http')
  if (OWN_PORT) createServer((_, answer) => answer.end(String(process.pid))).listen(Number(OWN_PORT), '127.0.0.1')
  if (process.env.SLOW) await new Promise(resolve => setTimeout(resolve, 1000))
  if (process.env.SLOW) process.stdout.write('registered\\n')
`
/** What a root layout does that fails for some. */
const BROKEN_LAYOUT = "  if ((await cookies()).has('broken')) throw new Error('of the layout')\n"

const [CHECKED, LANGUAGE] = ["!== 'nodejs') return\n", '  const language = await requestLanguage()\n']
const EDITS: readonly (readonly [file: string, words: string, by: string])[] = [
  ['next.config.js', "output: 'standalone',", `output: 'standalone',\n    ${I18N}`],
  ['next.config.js', 'headers: async () => [', `headers: async () => [${HEADERS}`],
  [
    'next.config.js',
    '...(development && { rewrites: loginsToEgress }),',
    `rewrites: ${REWRITES},\nredirects: ${REDIRECTS},`,
  ],
  ['next.config.js', 'experimental: {', 'experimental: { authInterrupts: true,'],
  // nobody calls it then
  ['next.config.js', 'async function loginsToEgress', 'export async function loginsToEgress'],
  ['instrumentation.ts', CHECKED, CHECKED + REGISTERED],
  ['app/layout.tsx', LANGUAGE, BROKEN_LAYOUT + LANGUAGE],
  ['app/layout.tsx', 'import Link', "import { cookies } from 'next/headers'\nimport Link"],
]

/** Names itself in each .env file; the first wins. Those of the machine come after the build. */
const ENVS: Readonly<Record<string, string>> = {
  '.env.production.local': 'OF_LOCAL=.env.production.local',
  '.env.local': 'OF_LOCAL=.env.local\nOF_ALL=.env.local',
  '.env.production': 'OF_PRODUCTION=.env.production',
  '.env': 'OF_PRODUCTION=.env\nOF_ALL=.env',
}

/**
 * A working copy with the pages of site/, built by `gatehouse build`; its path.
 * @param ELSEWHERE where a rewrite leads, as the build needs it
 */
export async function buildSite(ELSEWHERE: string): Promise<string> {
  const copy = await makeWorkingCopy()
  await addSite(copy)
  const { status, stdout, stderr } = spawnSync(process.execPath, ['command/gatehouse.ts', 'build'], {
    cwd: copy,
    encoding: 'utf8',
    env: { ...process.env, ELSEWHERE },
  })
  if (status !== 0) throw new Error(`${stdout}${stderr}`)
  // as a script behind the build does: next-sitemap, pagefind
  await writeFile(join(copy, 'public/sitemap.xml'), '<urlset></urlset>')
  for (const [name, content] of Object.entries(ENVS)) await writeFile(join(copy, name), content)
  return copy
}

async function addSite(copy: string) {
  await cp(SITE, copy, { recursive: true })
  for (const [file, words, by] of EDITS) await editFile(copy, file, words, by)
  await mkdir(join(copy, 'public'))
  for (const [name, content] of Object.entries(FILES)) await writeFile(join(copy, 'public', name), content)
  await mkdir(join(copy, 'static'))
  await writeFile(join(copy, 'static/old.txt'), 'of the old folder')
  await symlink('words.txt', join(copy, 'public/linked.txt'))
}

/** For files of public/ and of the build, such as are there and such as are not. */
export async function fileRequests(copy: string): Promise<Request[]> {
  const chunks = await readdir(join(copy, '.next/static/chunks'))
  const [chunk] = chunks.filter(name => name.endsWith('.js'))
  const built = `/_next/static/chunks/${chunk}`
  const paths = [
    ...Object.keys(FILES).map(name => `/${encodeURIComponent(name)}`),
    ...[
      '/static/old.txt',
      '/linked.txt',
      '/sitemap.xml',
      '/words.txt/',
      '/none.txt',
      '/_next/static/chunks/none.js',
      built,
    ],
    ...['/_next/static/', `${built}?dpl=1`, '/_next/static/%2e%2e/BUILD_ID', '/%2e%2e/package.json'],
  ]
  const conditions = [
    'Range: bytes=0-0',
    'Range: bytes=2-4',
    'Range: bytes=-3',
    'Range: bytes=9-5',
    'Range: bytes=0-1,3-4',
    'Range: bytes=999999-',
    'If-None-Match: W/"x", *',
    'If-None-Match: "x", "y"',
    'If-Match: "x"',
    'If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT',
    'If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT',
    'If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT',
    'X-Asks: 1',
    'Accept-Encoding: gzip',
  ]
  const of = (method: string, path: string, ...headers: string[]): Request => ({ method, path, headers })
  return [
    ...paths.map(path => of('GET', path)),
    ...['HEAD', 'POST', 'OPTIONS'].flatMap(method => ['/words.txt', built].map(path => of(method, path))),
    ...conditions.flatMap(each =>
      ['/words.txt', '/list.csv', '/module.mjs', built].map(path => of('GET', path, each)),
    ),
  ]
}
