import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { editFile } from '../../e2e/working-copy.ts'
import { freePort } from '../../testing/command.ts'
import { ask, header, type RawAnswer, request } from '../raw.ts'

/** The same build under `next start`, and the requests whose answers must be the same under Gatehouse. */
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
const I18N = "i18n: { locales: ['en', 'ja'], defaultLocale: 'en', localeDetection: false },"

/** To another server, of which `elsewhere.ts` says what it does. */
const REWRITES = "async () => [{ source: '/socket/:path*', destination: process.env.ELSEWHERE + '/:path*' }]"

/** Puts the pages of site/ into a working copy that is not built yet. The build needs ELSEWHERE. */
export async function addSite(copy: string): Promise<void> {
  await cp(SITE, copy, { recursive: true })
  await editFile(copy, 'next.config.js', "output: 'standalone',", `output: 'standalone',\n    ${I18N}`)
  await editFile(copy, 'next.config.js', 'headers: async () => [', `headers: async () => [${HEADERS}`)
  await editFile(
    copy,
    'next.config.js',
    '...(development && { rewrites: loginsToEgress }),',
    `rewrites: ${REWRITES},`,
  )
  await editFile(
    copy,
    'next.config.js',
    'async function loginsToEgress',
    'export async function loginsToEgress',
  )
  await mkdir(join(copy, 'public'))
  for (const [name, content] of Object.entries(FILES)) await writeFile(join(copy, 'public', name), content)
  await symlink('words.txt', join(copy, 'public/linked.txt'))
}

/** Names itself in each .env file; the first wins. Those of the machine come after the build. */
const ENVS: Readonly<Record<string, string>> = {
  '.env.production.local': 'OF_LOCAL=.env.production.local',
  '.env.local': 'OF_LOCAL=.env.local\nOF_ALL=.env.local',
  '.env.production': 'OF_PRODUCTION=.env.production',
  '.env': 'OF_PRODUCTION=.env\nOF_ALL=.env',
}

/** As a script behind the build does: next-sitemap, pagefind. */
export async function addLateFiles(copy: string): Promise<void> {
  await writeFile(join(copy, 'public/sitemap.xml'), '<urlset></urlset>')
  for (const [name, content] of Object.entries(ENVS)) await writeFile(join(copy, name), content)
}

/** Starts `next start` in a folder that is built; resolves when it is ready. */
export async function startNextStart(cwd: string, env: Record<string, string>) {
  const port = await freePort()
  const args = ['node_modules/next/dist/bin/next', 'start', '-p', port]
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const ready = new Promise<void>(resolve => {
    createInterface({ input: child.stdout }).on('line', line => {
      if (line.includes('Ready in')) resolve()
    })
  })
  await Promise.race([
    ready,
    exited.then(([code]) => Promise.reject(new Error(`next start ended with ${code}`))),
  ])
  return {
    port: Number(port),
    async stop() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** What the front has as PUBLIC_ORIGIN: X-Forwarded-Host counts for it alone. */
export const PUBLIC_ORIGIN = 'https://shop.dev.jp'

/** As whom a visitor comes: directly, or through a load balancer that ends TLS. */
export const WAYS: Readonly<Record<string, readonly string[]>> = {
  'over http': ['Host: www.dev.jp'],
  'behind https': ['Host: www.dev.jp', 'X-Forwarded-Proto: https'],
  'behind https, with X-Forwarded-Host': [
    'Host: inner.dev.jp',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Host: shop.dev.jp',
  ],
}

type Row = (port: number, way: readonly string[]) => Promise<RawAnswer>

const get =
  (path: string): Row =>
  (port, way) =>
    ask(port, request(`GET ${path}`, way))

/** The page that the way into draft mode leads to, with the cookie that it gives. */
const draft: Row = async (port, way) => {
  const cookies = header(await get('/draft')(port, way), 'set-cookie') ?? ''
  return ask(port, request('GET /tenants/draft', [...way, `Cookie: ${cookies.split(';')[0]}`]))
}

/** Posts as a browser without scripts does, or with them. */
function act(withScript: boolean, at = '/act'): Row {
  return async (port, way) => {
    const [, id = ''] = /name="\$ACTION_ID_([^"]+)"/.exec((await get('/act')(port, way)).body) ?? []
    const proto = way.some(each => each.endsWith('https')) ? 'https' : 'http'
    const host = way.findLast(each => /host: /i.test(each))?.split(': ')[1]
    const origin = `Origin: ${proto}://${host}`
    if (withScript) {
      const headers = [...way, origin, 'Content-Type: text/plain;charset=UTF-8', `Next-Action: ${id}`]
      return ask(port, request(`POST ${at}`, [...headers, 'Accept: text/x-component'], '[]'))
    }
    const body = `--b\r\nContent-Disposition: form-data; name="$ACTION_ID_${id}"\r\n\r\n\r\n--b--\r\n`
    return ask(
      port,
      request('POST /act', [...way, origin, 'Content-Type: multipart/form-data; boundary=b'], body),
    )
  }
}

/** An action whose redirect Next follows itself, so that the browser gets the next page at once. */
export const actWithScript = act(true)

/** Each with words that its answer must have, so that two wrong answers are not the same. */
export const ROWS: readonly { name: string; row: Row; status: number; has: RegExp }[] = [
  {
    name: 'the default language without its prefix',
    row: get('/catalog'),
    status: 200,
    has: /de catalog for/,
  },
  { name: 'the default language with its prefix', row: get('/de/catalog'), status: 307, has: /^\/catalog$/ },
  { name: 'another language', row: get('/fr/catalog'), status: 200, has: /fr catalog for/ },
  { name: 'a tenant by its host', row: get('/home'), status: 200, has: /tenant (www|inner) at/ },
  {
    name: 'a rewrite to an absolute URL of the same origin',
    row: get('/same'),
    status: 200,
    has: /tenant same at/,
  },
  { name: 'a rewrite to another server', row: get('/elsewhere'), status: 200, has: /from elsewhere/ },
  {
    name: 'a redirect to a clone of nextUrl',
    row: get('/moved?a=1'),
    status: 307,
    has: /^\/tenants\/moved\?a=1$/,
  },
  { name: 'request.url in proxy.ts', row: get('/proxied?a=1'), status: 200, has: /localhost:PORT/ },
  {
    name: 'request.url, nextUrl, Host and PORT in a route handler',
    row: get('/seen'),
    status: 200,
    has: /localhost:PORT/,
  },
  { name: 'request.url on the edge runtime', row: get('/edge'), status: 200, has: /localhost:PORT/ },
  {
    name: 'a redirect of a route handler by request.url',
    row: get('/self'),
    status: 302,
    has: /localhost:PORT\/tenants\/self$/,
  },
  {
    name: 'the default origin of og:image',
    row: get('/card'),
    status: 200,
    has: /http:\/\/localhost:PORT\/card\.png/,
  },
  { name: 'the way into draft mode', row: get('/draft'), status: 307, has: /^\/tenants\/draft$/ },
  { name: 'a page in draft mode', row: draft, status: 200, has: /tenant draft at .*, a draft$/ },
  {
    name: 'a server action that redirects, without scripts',
    row: act(false),
    status: 303,
    has: /^\/tenants\/acted$/,
  },
  {
    name: 'a server action that redirects, with scripts',
    row: actWithScript,
    status: 200,
    has: /tenant acted at/,
  },
  {
    name: 'a server action of another page, to which Next forwards it',
    row: act(true, '/fixed'),
    status: 200,
    has: /tenant acted at/,
  },
  {
    name: 'a page of the Pages Router in the default locale',
    row: get('/greeting'),
    status: 200,
    has: /greeting in en at/,
  },
  {
    name: 'a page of the Pages Router in another locale',
    row: get('/ja/greeting'),
    status: 200,
    has: /greeting in ja at/,
  },
]

/** What of an answer must be the same, with the server's own port as PORT. */
export function essence(answer: RawAnswer, port: number): Record<string, string | number | undefined> {
  const same = (text: string | undefined) => text?.replaceAll(String(port), 'PORT')
  const of = (name: string) => same(header(answer, name))
  const [, text = same(answer.body)] = /<body[^>]*>.*?<p>(.*?)<\/p>/s.exec(answer.body) ?? []
  const [picture] = /<meta property="og:image"[^>]*>/.exec(answer.body) ?? []
  return {
    status: answer.status,
    location: of('location'),
    action: of('x-action-redirect'),
    type: of('content-type'),
    rewrite: of('x-middleware-rewrite'),
    // an action's answer is a stream of pieces that names the build's files
    text:
      header(answer, 'content-type') === 'text/x-component'
        ? /tenant \w+ at [\w.]+/.exec(answer.body)?.[0]
        : text,
    picture: same(picture),
  }
}

/** Each with a request for a file, its method and its headers. */
export async function fileRequests(
  copy: string,
): Promise<[method: string, path: string, headers: string[]][]> {
  const chunks = await readdir(join(copy, '.next/static/chunks'))
  const [chunk] = chunks.filter(name => name.endsWith('.js'))
  const built = `/_next/static/chunks/${chunk}`
  const paths = [
    ...Object.keys(FILES).map(name => `/${encodeURIComponent(name)}`),
    ...['/linked.txt', '/sitemap.xml', '/words.txt/', '/none.txt', '/_next/static/chunks/none.js', built],
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
  return [
    ...paths.map((path): [string, string, string[]] => ['GET', path, []]),
    ...['HEAD', 'POST', 'OPTIONS'].flatMap(method =>
      ['/words.txt', built].map((path): [string, string, string[]] => [method, path, []]),
    ),
    ...conditions.flatMap(each =>
      ['/words.txt', '/list.csv', '/module.mjs', built].map((path): [string, string, string[]] => [
        'GET',
        path,
        [each],
      ]),
    ),
  ]
}

/** What the front has compressed at the build, with its best and in one piece, Next compresses for each answer. */
const OF_CODING = ['content-length', 'transfer-encoding']
/** Of this one answer alone, or of a hop. */
const OF_ONE = new Set(['date', 'connection', 'keep-alive', 'x-request-id'])

/** Status, headers and body of the answer to a request for a file. */
export async function fileAnswer(
  port: number,
  [method, path, headers]: readonly [string, string, string[]],
): Promise<Record<string, unknown>> {
  const answer = await ask(port, request(`${method} ${path}`, headers), method === 'HEAD')
  const isCoded = header(answer, 'content-encoding') !== undefined
  const own = answer.headers
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !OF_ONE.has(name) && !(isCoded && OF_CODING.includes(name)))
  const isPage = header(answer, 'content-type')?.startsWith('text/html')
  return {
    status: answer.status,
    headers: Object.fromEntries(own),
    ...(!isPage && !isCoded && { body: answer.body }),
  }
}
