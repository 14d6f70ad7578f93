import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { stand } from '../../../test/pages/stand.ts'
import { file, request, wire } from '../../../test/raw.ts'
import { freePort } from '../../../testing/command.ts'

const ODD_METRICS = await freePort()
process.execArgv = ['-r', 'node:tty']
const ODD_CONFIG = JSON.stringify({
  distDir: './.next',
  cacheHandler: '../odd-cache-handler.cjs',
  cacheHandlers: { default: '../handlers/cached.cjs', remote: 'file:///handlers/remote.cjs', static: null },
  basePath: '/shop',
})
const { get, port } = await stand(file, { env: { HOSTNAME: 'container-7', ODD_METRICS, ODD_CONFIG } })

test("a process that a page forks is its own: it has the arguments of the front's Node and is told nothing else of it, and ends by itself", async () => {
  const said = [{ doubled: 42, execArgv: ['-r', 'node:tty'] }]
  assert.deepEqual(JSON.parse((await get('/fork')).body), { said, code: 0, signal: null })
})

test('a thread of a page listens where it says', async () => {
  const port = await freePort()
  assert.equal((await get(`/thread?port=${port}`)).body, port)
})

test('a server that the app opens before that of its pages listens where it says', async () => {
  assert.equal(await (await fetch(`http://127.0.0.1:${ODD_METRICS}`)).text(), 'metrics')
})

test("a page is in the app's folder, though Next's server.js goes into its own", async () => {
  assert.equal((await get('/cwd')).body, process.cwd())
})

test("Next's server and a page are told of the same cache handlers, those of the standalone output, and of the rest of next.config as it is", async () => {
  const { __NEXT_PRIVATE_STANDALONE_CONFIG: config } = JSON.parse((await get('/env')).body)
  const standalone = dirname(fileURLToPath(import.meta.resolve('../../../test/pages/odd-server.ts')))
  const cacheHandler = join(standalone, 'odd-cache-handler.cjs')
  const cacheHandlers = {
    default: join(standalone, 'handlers/cached.cjs'),
    remote: 'file:///handlers/remote.cjs',
    static: null,
  }
  assert.deepEqual(JSON.parse(config), { distDir: './.next', cacheHandler, cacheHandlers, basePath: '/shop' })
})

test("an answer ends only when the app's cache handler has revalidated what its page asked for", async t => {
  const client = await wire(t, port)
  client.send(request('POST /revalidate', ['Content-Length: 0']))
  await client.until('renewed')
  await get('/pid')
  assert.equal((await get('/revalidated')).body, 'false')
  assert.equal((await client.answer()).body, 'renewed')
})

test('a page sees NEXT_RUNTIME as under next start, HOSTNAME and KEEP_ALIVE_TIMEOUT as the front was started with, and nothing that a worker is told', async () => {
  const env = JSON.parse((await get('/env')).body)
  assert.equal(env.NEXT_RUNTIME, 'nodejs')
  assert.deepEqual([env.HOSTNAME, env.KEEP_ALIVE_TIMEOUT], ['container-7', process.env.KEEP_ALIVE_TIMEOUT])
  assert.deepEqual(
    Object.keys(env).filter(name => name.startsWith('GATEHOUSE_PAGE')),
    [],
  )
})

test('a worker sets no limit to how long an upload takes', async () => {
  assert.equal((await get('/timeouts')).body, '[0,0]')
})
