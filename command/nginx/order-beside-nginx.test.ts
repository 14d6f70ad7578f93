import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import http from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { createTable } from '../../lib/routes/table.ts'
import { readConfig } from '../../lib/settings/settings.ts'
import { startNginx, withoutNginx, writeNginx } from '../../test/nginx-process.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { freePort } from '../../testing/command.ts'
import { isTakenOver, type Reading, readNginx } from './from-nginx.ts'

/** A and B are APIs, P the pages, D is denied. */
const KNOWN = [
  'location /api/ {A} location /api/x/ {D} location ~ ^/api/x/a/ {A}',
  'location /api/ {A} location /api/x/ {D} location ~ ^/api/x/a/ {B}',
  'location ^~ /api/x/ {D} location ~ ^/api/x/a$ {A}',
  'location ^~ /api/ {A} location ~ ^/api/x/(.*)$ {B}',
  'location /api/ {A location ^~ /api/pub/ {A}} location ~ secret {D}',
  'location ^~ /api/ {D} location /in/ {P} location / {P location /api/x/ {A}}',
  'location ~ ^/api/(a|x)/ {A} location ~ ^/api/a$ {A}',
  'location ~ ^/api/ {A} location / {P location ~ ^/api/x/ {B}}',
  'location ~ ^/api/ {A} location / {P location ~ ^/api/x/ {P}}',
  'location /api/x/ {B location ~ ^/api/pub/.* {A}}',
  'location /api/x/a {A} location ~ ^/api/ {D} location ^~ /api/x {A}',
  'location /api/ {A} location = /api/ {D}',
  'location /api/ {A} location / {P location ~ \\.json$ {D}}',
  'location /api/ {try_files $uri /api/x; A} location /api/x {D A}',
  'location /api/ {A} location = /api/x/ {D A}',
]
const PREFIXES = ['/api/', '/api', '/api/x/', '/api/x', '/api/x/a', '/api/x/a/', '/api/pub/', '/apix/']
const PATTERNS =
  '^/api/ ^/api/x/ ^/api/(x|pub)/ ^/api/(a|x)/ ^/api/x$ ^/api/x/a$ ^/api/x/(.*)$ ^/api ^/api/x ^/api/a$ secret \\.json$'
const WHAT = ['A', 'A', 'A', 'B', 'P', 'P', 'D', 'D', 'D A', 'allow all; A']
const PATHS =
  '/ /api /api/ /api/z /api/a /api/a/z /api/x /api/x/ /api/x/z /api/x/a /api//x/a /api/x/a/z /api/x/ab /api/xy/z /apix/z /api/pub/z /api/pub/secret /api/pub/a.json /api/x/secret /other/z'
/** A path of a route ends at a slash: docs/from-nginx.md. */
const IS_CUT = /^\/(apix|api\/xy|api\/x\/ab)/

/** Locations at random, one in the other; a seed repeats them. */
function generate(count: number): string[] {
  let seed = 20_261_130
  const pick = <T>(list: readonly T[]): T | undefined => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return list[(seed >> 8) % list.length]
  }
  function several(outer: string): string {
    const names = new Set<string>()
    return [1, 2, 3]
      .map(() => {
        const modifier = pick(['', '', '^~', '=', '~', '~']) ?? ''
        const path = pick(modifier === '~' ? PATTERNS.split(' ') : PREFIXES) ?? ''
        const name = `${modifier.replace('^~', '')} ${path}`
        if (names.has(name) || (modifier !== '~' && !path.startsWith(outer))) return ''
        names.add(name)
        const isNested = (modifier === '' || modifier === '^~') && pick([true, false, false])
        return `location ${modifier} ${path} {${pick(WHAT)} ${isNested ? several(path) : ''}}`
      })
      .join(' ')
  }
  return Array.from({ length: count }, () => several(''))
}

test('what Nginx refused reaches no API, and what is taken over goes where it went, whatever order locations have', {
  skip: withoutNginx,
}, async t => {
  const folder = await temporaryFolder(t)
  const [port, ...ports] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const origins = ports.map(each => `http://127.0.0.1:${each}`)
  const inNginx = (text: string) =>
    text
      .replace(/\b([ABP])\b(?=[ }])/g, who => `proxy_pass ${origins['ABP'.indexOf(who)]};`)
      .replace(/\bD\b(?=[ }])/g, 'deny all;')
  const texts = [...KNOWN, ...generate(60)].map(each =>
    /location {1,2}\/ /.test(each) ? each : `${each} location / {P}`,
  )
  const servers = texts.map(
    (each, i) => `server { listen 127.0.0.1:${port}; server_name c${i}; ${inNginx(each)} }`,
  )
  const backends = ports.map((each, i) => `server { listen 127.0.0.1:${each}; return 200 ${'ABP'[i]}; }`)
  const conf = await writeNginx(
    folder,
    ['server_names_hash_max_size 4096;', ...backends, ...servers].join('\n'),
  )
  const nginx = await startNginx(conf, Number(port))
  t.after(nginx.stop)
  const agent = new http.Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  const ask = (host: string, path: string) =>
    new Promise<string>((resolve, reject) => {
      const req = http.get({ port, path, agent, headers: { host } }, async res => {
        let text = ''
        for await (const piece of res) text += piece
        resolve(res.statusCode === 200 ? text : String(res.statusCode))
      })
      req.on('error', reject)
    })
  const file = join(folder, 'one.conf')
  let refused = 0
  for (const [i, text] of texts.entries()) {
    await writeFile(file, `server { ${inNginx(text)} }`)
    const reading = readNginx(file, { pages: origins[2] })
    const find = finderOf(reading)
    for (const path of PATHS.split(' ')) {
      const first = await ask(`c${i}`, path)
      // to `/api/`, as a browser goes
      const there = first === '301' ? await ask(`c${i}`, `${path}/`) : first
      const origin = find(path)
      const here = origin === undefined ? 'P' : 'AB'[origins.indexOf(origin)]
      if (there === '403') {
        refused++
        assert.equal(here, 'P', `${text}: ${path} is open`)
      } else if (isTakenOver(reading) && !['301', '404'].includes(first) && !IS_CUT.test(path))
        assert.equal(here, there, `${text}: ${path}`)
    }
  }
  assert.ok(refused > 50)
})

/** The origin of the API that a path goes to. */
function finderOf({ env, content }: Reading) {
  if (content === undefined && env.BACKEND_ORIGIN === undefined) return () => undefined
  const file = content === undefined ? undefined : { name: 'gatehouse.config.ts', content }
  const find = createTable(readConfig(env, file).routes)
  return (path: string) => find(path)?.route.origin.origin
}
