import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { LIKE_A_LARGE_HEAP } from '../../lib/pages/workers/v8-flags.ts'
import { type DemoBackend, startDemoBackend } from '../../testing/backend.ts'
import { type FrontProcess, LISTENERS, startFrontProcess } from '../../testing/front-process.ts'
import { startLoad } from '../../testing/load.ts'
import { logIn } from '../log-in.ts'
import { eventually } from '../raw.ts'
import { get as getAt, PATIENCE_MS, testDevelopment } from './development.ts'
import { makeShop, run, type Shop } from './shop.ts'

/** An app with basePath, proxy.ts, next/image, server actions and streaming, in a monorepo, under the packed gatehouse. */
let shop: Shop
let backend: DemoBackend
let front: FrontProcess

before(async () => {
  shop = await makeShop()
  await run([...shop.gatehouse, 'init'], shop.root)
  await run([...shop.gatehouse, 'build'], shop.root)
  backend = await startDemoBackend({ scryptCost: 2 ** 10 })
  front = await start()
})
after(async () => {
  await front?.stop()
  await backend?.close()
  await shop.remove()
})

const start = () =>
  startFrontProcess(
    { ...backend.env, ...LISTENERS, PAGE_WORKERS: '1', STOP_DELAY: '0s', STOP_TIMEOUT: '20s' },
    undefined,
    shop.root,
    [...shop.gatehouse, 'start'],
  )

const get = (path: string, headers: Record<string, string> = {}) => getAt(front, path, headers)

/** @returns the cookies of a session */
async function session(): Promise<string> {
  const { status, cookie } = await logIn(front, backend.account)
  assert.equal(status, 200)
  return cookie
}

test('init puts gatehouse into the scripts of the app, and its pages stay as they are', async () => {
  const { scripts } = JSON.parse(await readFile(join(shop.root, 'package.json'), 'utf8'))
  assert.deepEqual(scripts, { dev: 'gatehouse dev', build: 'gatehouse build', start: 'gatehouse start' })
  const site = new URL('./site/', import.meta.url)
  for (const file of ['next.config.ts', 'proxy.ts', 'app/page.tsx'])
    assert.equal(await readFile(join(shop.root, file), 'utf8'), await readFile(new URL(file, site), 'utf8'))
})

test('a page below basePath, and its script from the memory of the front', async () => {
  const page = await get('/shop')
  const html = await page.text()
  assert.equal(page.status, 200)
  assert.match(html, /The shop/)
  const [script = ''] = /\/shop\/_next\/static\/[^"]+\.js/.exec(html) ?? []
  // the second time it comes from memory
  for (let time = 0; time < 2; time++) {
    const built = await get(script, { 'Accept-Encoding': 'br' })
    assert.equal(built.status, 200)
    assert.equal(built.headers.get('content-encoding'), 'br')
    assert.equal(built.headers.get('cache-control'), 'public, max-age=31536000, immutable')
    assert.equal(built.headers.get('x-shop'), 'yes')
    await built.text()
  }
  assert.equal((await get('/')).status, 404)
})

test('a file of public/ lies below basePath, with the headers of next.config', async () => {
  const file = await get('/shop/words.txt', { 'Accept-Encoding': 'gzip' })
  assert.equal(file.headers.get('content-encoding'), 'gzip')
  assert.equal(file.headers.get('x-shop'), 'yes')
  assert.match(await file.text(), /^of the shop\. /)
  assert.equal((await get('/words.txt')).status, 404)
})

test('a member logs in, and a page asks the API who that is', async () => {
  const stranger = await get('/shop/members')
  assert.deepEqual([stranger.status, stranger.headers.get('location')], [307, '/shop/login'])
  const page = await get('/shop/members', { Cookie: await session() })
  assert.equal(page.headers.get('x-proxy'), 'passed')
  assert.match(await page.text(), /山田 太郎/)
})

test('proxy.ts comes before a file of public/', async () => {
  for (const path of ['/shop/price-list.txt', '/shop/price%2dlist.txt', '/shop/price-list.txt/']) {
    const stranger = await get(path)
    assert.doesNotMatch(await stranger.text(), /for members only/, path)
  }
  const file = await get('/shop/price-list.txt', { Cookie: await session() })
  assert.match(await file.text(), /^for members only/)
})

test('next/image makes a picture smaller', async () => {
  const { headers, status } = await get(
    `/shop/_next/image?url=${encodeURIComponent('/shop/photo.png')}&w=64&q=75`,
    {
      Accept: 'image/webp',
    },
  )
  assert.equal(status, 200)
  assert.equal(headers.get('content-type'), 'image/webp')
  // not that of the monorepo above, which a container does not have
  assert.ok((await readdir(join(shop.root, '.next/standalone/node_modules'))).includes('sharp'))
})

test('a server action is carried out', async () => {
  const html = await (await get('/shop/order')).text()
  const [, field = ''] = /name="(\$ACTION_ID_[^"]+)"/.exec(html) ?? []
  const form = new FormData()
  form.set(field, '')
  form.set('item', 'tea')
  const answer = await fetch(new URL('/shop/order', front.url), {
    method: 'POST',
    headers: { Origin: front.url },
    body: form,
    redirect: 'manual',
  })
  assert.equal(answer.status, 200)
  assert.match(answer.headers.get('set-cookie') ?? '', /^ordered=tea;/)
})

test('a page arrives while it is rendered', async () => {
  const page = await get('/shop/slow')
  const pieces: string[] = []
  for await (const piece of page.body ?? []) pieces.push(Buffer.from(piece).toString())
  const [first, last] = ['the first piece', 'the last piece'].map(words =>
    pieces.findIndex(piece => piece.includes(words)),
  )
  assert.ok(first !== undefined && last !== undefined && first !== -1 && first < last, `${first}, ${last}`)
})

test('the backend moves to other addresses: no login fails', async () => {
  const load = startLoad(front.url, backend.account, 50)
  const old = [...backend.alb.listed]
  const fresh = await backend.alb.add(2)
  backend.alb.list(fresh)
  const served = () => fresh.reduce((sum, each) => sum + (backend.alb.nodes.get(each)?.requests ?? 0), 0)
  await eventually(() => served() >= 20, { patienceMs: PATIENCE_MS })
  await load.quiet()
  for (const address of old) backend.alb.kill(address)
  const before = load.ok
  await eventually(() => load.ok >= before + 20, { patienceMs: PATIENCE_MS })
  await load.stop()
  assert.deepEqual(load.failed, {})
})

test('the packed command reads a configuration of Nginx, prints the settings and has the doctor', async () => {
  const file = join(shop.root, 'default.conf')
  const api = 'location /user/login { proxy_pass https://api.dev.jp; }'
  await writeFile(file, `server { listen 4000; ${api} location / { proxy_pass http://127.0.0.1:3000; } }`)
  const env = 'BACKEND_ORIGIN=https://api.dev.jp\nBACKEND_PATHS=/user/login\nPORT=4000\n'
  assert.equal(await run([...shop.gatehouse, 'from-nginx', file], shop.root), env)
  assert.match(await run([...shop.gatehouse, 'config'], shop.root), /^BACKEND_PATHS=\/user\/login$/m)
  assert.match(await run([...shop.gatehouse, 'doctor'], shop.root, backend.env), /ok +certificate/)
})

test('healthcheck says whether the front is alive', async () => {
  const check = (PORT: string) =>
    run([...shop.gatehouse, 'healthcheck'], shop.root, { HOST: '127.0.0.1', PORT })
  await check(new URL(front.url).port)
  await assert.rejects(check('1'), /ended with 1/)
})

testDevelopment(() => ({ shop, backend }))

test("the compile cache of init's Dockerfile has the app's pages, in a monorepo too", async () => {
  const NODE_COMPILE_CACHE = join(shop.root, '.compile-cache')
  const program = join(dirname(shop.gatehouse[1]), 'compile-cache.mjs')
  await run([process.execPath, program, NODE_COMPILE_CACHE, String(process.getuid?.())], shop.root)
  const page = join(shop.root, '.next/standalone/apps/shop/.next/server/app/page.js')
  const { stderr } = spawnSync(process.execPath, [...LIKE_A_LARGE_HEAP, page], {
    encoding: 'utf8',
    env: { ...process.env, NODE_COMPILE_CACHE, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' },
  })
  assert.match(stderr, /code cache for CommonJS \S+\/server\/app\/page\.js was accepted/)
})

test('the Dockerfile names nothing of the build that is not there', async () => {
  const dockerfile = await readFile(join(shop.root, 'Dockerfile'), 'utf8')
  const copied = [...dockerfile.matchAll(/\/app\/(\.next\/\S+)/g)].map(([, path]) => path ?? '')
  const there = (await readdir(join(shop.root, '.next'))).map(name => `.next/${name}`)
  assert.ok(copied.length >= 4)
  for (const path of copied) assert.ok(there.includes(path), path)
})

test('SIGTERM ends it with 0', async () => {
  front.process.kill('SIGTERM')
  assert.equal(await front.exited, 0)
})
