import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import net from 'node:net'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from '@playwright/test'
import { z } from 'zod'
import { messages } from '../../app/_messages/messages.ts'
import { shake } from '../../test/handshakes.ts'
import { listening } from '../../test/listening.ts'
import { logIn } from '../../test/log-in.ts'
import { buildSite, fileRequests } from '../../test/pages/built-site.ts'
import { startElsewhere } from '../../test/pages/elsewhere.ts'
import { startNextStart } from '../../test/pages/next-start.ts'
import { actWithScript, essence, PUBLIC_ORIGIN, ROWS, WAYS } from '../../test/pages/page-rows.ts'
import { BOTH, HERE, WITH_WORKERS } from '../../test/pages/websockets.ts'
import { compare } from '../../test/parity/compare.ts'
import { KNOWN, reasonFor } from '../../test/parity/known.ts'
import { REQUESTS } from '../../test/parity/requests.ts'
import { ask, request, wire } from '../../test/raw.ts'
import { startDemoBackend } from '../../testing/backend.ts'
import { chromiumHere } from '../../testing/browser.ts'
import { freePort } from '../../testing/command.ts'
import { type FrontProcess, LISTENERS, startFrontProcess } from '../../testing/front-process.ts'
import { startLoad } from '../../testing/load.ts'

const PATIENCE_MS = 40_000

const elsewhere = await startElsewhere()
after(() => elsewhere.close())
const { origin: ELSEWHERE } = elsewhere
const copy = await buildSite(ELSEWHERE)
after(() => rm(copy, { recursive: true, force: true }))
const backend = await startDemoBackend({ scryptCost: 2 ** 10 })
after(() => backend.close())
const State = z.object({
  pages: z
    .array(z.object({ pid: z.number().optional(), phase: z.string(), restarts: z.number() }))
    .optional(),
})

function begin(env: Record<string, string>, logFile?: string): Promise<FrontProcess> {
  const settings = {
    PAGE_WORKERS: '2',
    PAGE_MEMORY: '256mb',
    STOP_DELAY: '0s',
    STOP_TIMEOUT: '2s',
    // the API runs in this process: a busy machine, not a page, makes its TLS handshakes slow
    CONNECT_TIMEOUT: '10s',
  }
  return startFrontProcess({ ...backend.env, ...LISTENERS, ...settings, ...env }, logFile, copy)
}

async function start(t: TestContext, env: Record<string, string>, logFile?: string): Promise<FrontProcess> {
  const front = await begin(env, logFile)
  t.after(() => front.stop())
  return front
}

/** Begun at its first use, and for all tests that leave it as it was: a start costs seconds of CPU. */
function shared<Process extends { stop(): unknown }>(start: () => Promise<Process>): () => Promise<Process> {
  let begun: Promise<Process> | undefined
  after(async () => (await begun)?.stop())
  return () => (begun ??= start())
}

const nextStart = shared(() => startNextStart(copy, { ELSEWHERE }))
const WORKERS = ['0', '1'] as const
const fronts = {
  0: shared(() => begin({ PAGE_WORKERS: '0', ELSEWHERE })),
  1: shared(() => begin({ PAGE_WORKERS: '1', ELSEWHERE })),
}
/** With what a page may end or a signal may replace: two workers. */
const withTwo = shared(() => begin({}))
const OWN_PORT = await freePort()
const configured = shared(() =>
  begin({ PAGE_WORKERS: '1', OWN_PORT, SLOW: 'yes', HEALTH_PREFIX: '/_gatehouse' }),
)

const get = (front: FrontProcess, path: string, headers: Record<string, string> = {}) =>
  fetch(new URL(path, front.url), {
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(PATIENCE_MS),
  })

async function workersOf(front: FrontProcess) {
  return State.parse(await (await fetch(new URL('/state', front.adminUrl))).json()).pages ?? []
}

/** Resolves to their ids when all workers are ready and `look` is true. */
async function ready(front: FrontProcess, look = (_pids: number[]) => true): Promise<number[]> {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  for (;;) {
    const workers = await workersOf(front)
    const pids = workers.map(({ pid = 0 }) => pid)
    if (workers.every(({ phase }) => phase === 'ready') && look(pids)) return pids
    signal.throwIfAborted()
    await sleep(20)
  }
}

/** One that has ended may still be in the table until its parent asks for it. */
async function runs(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return stat !== undefined && !/\) [ZX] /.test(stat)
}

async function gone(pids: readonly number[]) {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  for (const pid of pids) {
    while (await runs(pid)) {
      signal.throwIfAborted()
      await sleep(20)
    }
  }
}

test('a page worker renders the account page of a session, which it asks the API for', async () => {
  const front = await fronts[1]()
  const { cookie } = await logIn(front, backend.account)
  const page = await get(front, '/account', { Cookie: cookie })
  assert.equal(page.status, 200)
  assert.match(await page.text(), /山田 太郎/)
  assert.equal((await get(front, '/account')).headers.get('location'), '/login')
})

test('a page arrives while it is rendered', async () => {
  const page = await get(await fronts[1](), '/odd/none')
  const pieces: string[] = []
  for await (const piece of page.body ?? []) pieces.push(Buffer.from(piece).toString())
  const first = pieces.findIndex(piece => piece.includes('the first piece'))
  const last = pieces.findIndex(piece => piece.includes('the last piece'))
  assert.ok(first !== -1 && first < last, `${first}, ${last}`)
})

// a loop is noticed after a minute: lib/pages/workers/dispatch.test.ts has it
for (const kind of ['exit', 'heap']) {
  test(`a page ends in ${kind}: no login fails, pages come again`, async () => {
    const front = await withTwo()
    await ready(front)
    const load = startLoad(front.url, backend.account, 50)
    const page = await get(front, `/odd/${kind}`, { Accept: 'text/html' })
    await load.stop()
    assert.equal(page.status, 502)
    assert.equal(page.headers.get('retry-after'), null)
    assert.deepEqual(load.failed, {})
    assert.ok(load.ok > 0)
    await ready(front)
    assert.equal((await get(front, '/')).status, 200)
  })
}

test('SIGHUP replaces the workers gracefully: under load no page and no login fails', async () => {
  const front = await withTwo()
  const before = await ready(front)
  const logins = startLoad(front.url, backend.account, 50)
  const statuses = new Set<number>()
  let over = false
  const pages = [1, 2].map(async () => {
    while (!over) {
      const page = await get(front, '/login')
      await page.text()
      statuses.add(page.status)
    }
  })
  front.process.kill('SIGHUP')
  await ready(front, pids => pids.every(pid => !before.includes(pid)))
  over = true
  await Promise.all(pages)
  await logins.stop()
  assert.deepEqual([...statuses], [200])
  assert.deepEqual(logins.failed, {})
  await gone(before)
})

test('SIGTERM ends the front with 0, and its workers', async t => {
  const front = await start(t, {})
  const pids = await ready(front)
  front.process.kill('SIGTERM')
  assert.equal(await front.exited, 0)
  for (const pid of pids) assert.equal(await runs(pid), false)
})

test('kill -9 of the front leaves no worker behind', { skip: process.platform !== 'linux' }, async t => {
  const front = await start(t, { PAGE_WORKERS: '1' })
  const pids = await ready(front)
  front.process.kill('SIGKILL')
  await front.exited
  await gone(pids)
})

/** How many of its event streams the route says were left. */
const left = async (front: FrontProcess) => (await get(front, '/left')).text()

for (const PAGE_WORKERS of WORKERS) {
  test(`with ${PAGE_WORKERS} workers, a route that is left hears of it, by a FIN too`, async t => {
    const front = await fronts[PAGE_WORKERS]()
    const before = await left(front)
    const client = await wire(t, Number(new URL(front.url).port))
    client.send(request('GET /left?stream'))
    await client.until('data: one')
    client.halfClose()
    await client.closed()
    const signal = AbortSignal.timeout(PATIENCE_MS)
    while ((await left(front)) === before) signal.throwIfAborted()
  })

  test(`with ${PAGE_WORKERS} workers, a route that stops reading a body hangs nobody`, async t => {
    const front = await fronts[PAGE_WORKERS]()
    const before = await left(front)
    for (const path of ['/left', '/left', '/api/limited', '/api/limited']) {
      const client = await wire(t, portOf(front))
      client.send(request(`POST ${path}`, [], 'x'.repeat(3_000_000)) + request('GET /left'))
      assert.equal((await client.answer()).status, 413)
      assert.equal(await left(front), before)
      assert.equal((await client.answer()).body, before)
    }
    assert.ok(!front.lines.some(line => line.includes('uncaughtException')))
  })

  test(`with ${PAGE_WORKERS} workers, pages and files are there, each with its request's id`, async () => {
    const front = await fronts[PAGE_WORKERS]()
    assert.equal((await workersOf(front)).length, Number(PAGE_WORKERS))
    const page = await get(front, '/login', { 'X-Request-Id': 'page-1' })
    assert.equal(page.status, 200)
    assert.equal(page.headers.get('x-request-id'), 'page-1')
    const chunks = await readdir(join(copy, '.next/static/chunks'))
    // a small one stays as it is
    const chunk = chunks.find(name => name.endsWith('.js') && chunks.includes(`${name}.br`))
    const asked = { 'Accept-Encoding': 'br', 'X-Request-Id': 'file-1' }
    const built = await get(front, `/_next/static/chunks/${chunk}`, asked)
    assert.equal(built.headers.get('x-request-id'), 'file-1')
    assert.equal(built.headers.get('content-encoding'), 'br')
    assert.equal(built.headers.get('cache-control'), 'public, max-age=31536000, immutable')
    assert.equal(built.headers.get('x-built'), 'yes')
    assert.equal(await built.text(), await readFile(join(copy, '.next/static/chunks', `${chunk}`), 'utf8'))
  })
}

const portOf = ({ url }: { url: string }) => Number(new URL(url).port)

test('pages and proxy.ts answer as under next start, whatever the Host and the scheme', async t => {
  const next = await nextStart()
  for (const PAGE_WORKERS of WORKERS) {
    const port = portOf(await start(t, { PAGE_WORKERS, ELSEWHERE, PUBLIC_ORIGIN }))
    for (const [way, headers] of Object.entries(WAYS)) {
      for (const { name, row, status, has } of ROWS) {
        await t.test(`${name}, ${way}, with ${PAGE_WORKERS} workers`, async () => {
          const expected = essence(await row(next.port, headers), next.port)
          assert.equal(expected.status, status)
          assert.match(
            Object.values(expected)
              .find(value => has.test(`${value}`))
              ?.toString() ?? '',
            has,
          )
          assert.deepEqual(essence(await row(port, headers), port), expected)
        })
      }
    }
  }
})

test('WebSockets go through rewrites as under next start, and what is none is answered', async t => {
  const next = await nextStart()
  for (const [name, row] of Object.entries({ ...BOTH, ...WITH_WORKERS }))
    await t.test(`${name}, under next start`, sub => row(sub, next.port, elsewhere))
  for (const PAGE_WORKERS of WORKERS) {
    const front = await fronts[PAGE_WORKERS]()
    for (const [name, row] of Object.entries({ ...BOTH, ...HERE, ...(PAGE_WORKERS !== '0' && WITH_WORKERS) }))
      await t.test(`${name}, with ${PAGE_WORKERS} workers`, sub => row(sub, portOf(front), elsewhere))
  }
})

for (const PAGE_WORKERS of WORKERS) {
  test(`with ${PAGE_WORKERS} workers, a front that stops ends the WebSockets of pages within STOP_TIMEOUT, and logs them`, async t => {
    const log = join(copy, `log-of-websockets-${PAGE_WORKERS}`)
    const front = await start(t, { PAGE_WORKERS, ELSEWHERE }, log)
    const client = await wire(t, portOf(front))
    client.send(shake('/socket/there'))
    assert.equal((await client.answer(true)).status, 101)
    const stopped = front.stop()
    await client.closed()
    assert.equal(await stopped, 0)
    assert.match(
      await readFile(log, 'utf8'),
      /"route":"page","method":"GET","path":"\/socket\/there","status":101/,
    )
  })
}

test('pages, handlers and odd paths are answered as under next start', async () => {
  const next = await nextStart()
  const port = portOf(await fronts[1]())
  const way = WAYS['over http'] ?? []
  const found: string[] = []
  for (const each of REQUESTS) {
    for (const line of await compare([next.port, port], each, way))
      if (reasonFor(each, line) === undefined)
        found.push(`${each.method} ${each.path} ${each.headers}: ${line}`)
  }
  assert.deepEqual(found, [])
})

test('a page that throws is 500, and an empty document until the scripts draw the error page, as Next has it', async () => {
  const page = await get(await fronts[1](), '/throws')
  assert.equal(page.status, 500)
  const html = await page.text()
  assert.match(html, /<html id="__next_error__">/)
  const body = html.slice(html.indexOf('<body>')).replace(/<script.*?<\/script>/gs, '')
  assert.equal(body.replace(/<[^>]*>/g, ''), '')
})

test('where the layout throws, the scripts draw global-error.tsx, and its button asks for the page again', {
  skip: !existsSync(chromiumHere().executablePath ?? chromium.executablePath()) && 'there is no Chromium',
}, async t => {
  const { url } = await fronts[1]()
  const browser = await chromium.launch(chromiumHere())
  t.after(() => browser.close())
  const context = await browser.newContext({ locale: 'ja-JP' })
  await context.addCookies([{ name: 'broken', value: '1', url }])
  const page = await context.newPage()
  assert.equal((await page.goto(new URL('/login', url).href))?.status(), 500)
  const { error, login } = messages.ja
  await page.getByRole('alert').getByRole('heading', { name: error.title }).waitFor()
  assert.equal(await page.locator('html').getAttribute('lang'), 'ja')
  await context.clearCookies()
  await page.getByRole('button', { name: error.again }).click()
  await page.getByRole('heading', { name: login.title }).waitFor()
})

test('instrumentation.ts runs once in a task with one worker, and may open a port of its own', async () => {
  const front = await configured()
  const [pid] = await ready(front)
  assert.equal((await get(front, '/login')).status, 200)
  assert.equal(await (await fetch(`http://127.0.0.1:${OWN_PORT}`)).text(), String(pid))
  // as under `next start`, Next advises against static/
  const lines = front.lines.filter(line => !line.includes('static-dir-deprecated'))
  assert.doesNotMatch(lines.join('\n'), /EADDRINUSE|"level":"(warn|error)"/)
})

for (const PAGE_WORKERS of WORKERS) {
  test(`with ${PAGE_WORKERS} workers, the front is ready when register() of instrumentation.ts has ended`, async t => {
    const { lines } = await (PAGE_WORKERS === '1' ? configured() : start(t, { PAGE_WORKERS, SLOW: 'yes' }))
    const at = (text: string) => lines.findIndex(line => line.includes(text))
    assert.ok(at('registered') !== -1 && at('registered') < at('"msg":"ready"'), lines.join('\n'))
  })

  test(`with ${PAGE_WORKERS} workers, the log has the status that was sent where proxy.ts throws`, async () => {
    const front = await fronts[PAGE_WORKERS]()
    assert.equal((await get(front, '/refused')).status, 500)
    const signal = AbortSignal.timeout(PATIENCE_MS)
    const written = () => front.lines.find(line => line.includes('"path":"/refused"'))
    while (written() === undefined) {
      signal.throwIfAborted()
      await sleep(20)
    }
    assert.match(written() ?? '', /"status":500/)
  })
}

test('NODE_OPTIONS=--inspect debugs the pages, not the front', async t => {
  const inspected = `127.0.0.1:${await freePort()}`
  const front = await start(t, { PAGE_WORKERS: '1', NODE_OPTIONS: `--inspect=${inspected}` })
  await ready(front)
  const [target] = z
    .array(z.object({ url: z.string() }))
    .parse(await (await fetch(`http://${inspected}/json/list`)).json())
  assert.match(target?.url ?? '', /standalone\/server\.js$/)
})

test('with HEALTH_PREFIX /healthz and /readyz are the pages of the app', async () => {
  const front = await configured()
  for (const path of ['/healthz', '/readyz']) {
    assert.equal(await (await get(front, path)).text(), `${path} of the app`)
    assert.equal((await get(front, `/_gatehouse${path}`)).status, 200)
  }
})

test('docs/parity.md has each difference that is known', async () => {
  const page = await readFile('docs/parity.md', 'utf8')
  for (const { reason } of KNOWN) assert.ok(page.includes(`| ${reason} |`), reason)
  assert.ok(page.includes(`${REQUESTS.length} requests`))
})

test('what a page does behind its answer is done before a stop ends, within STOP_TIMEOUT', async t => {
  const log = join(copy, 'log-of-a-stop')
  const front = await start(t, { PAGE_WORKERS: '1', STOP_TIMEOUT: '20s' }, log)
  assert.equal((await ask(portOf(front), request('POST /behind'))).body, 'answered')
  front.process.kill('SIGTERM')
  assert.equal(await front.exited, 0)
  assert.match(await readFile(log, 'utf8'), /done behind the answer/)
})

for (const PAGE_WORKERS of WORKERS) {
  test(`files are answered as under next start, with ${PAGE_WORKERS} workers`, async t => {
    const next = await nextStart()
    const port = portOf(await fronts[PAGE_WORKERS]())
    for (const each of await fileRequests(copy)) {
      await t.test(`${each.method} ${each.path} ${each.headers}`, async () =>
        assert.deepEqual(await compare([next.port, port], each, []), []),
      )
    }
  })

  test(`res.revalidate() and a server action that redirects ask no Host that a visitor names, with ${PAGE_WORKERS} workers`, async t => {
    const asked: string[] = []
    const foreign = net.createServer(socket => {
      asked.push('a connection')
      socket.destroy()
    })
    const host = `127.0.0.1:${await listening(t, foreign)}`
    const port = portOf(await fronts[PAGE_WORKERS]())
    const stamp = async () => /made at [\d.]+/.exec((await ask(port, request('GET /stamp'))).body)?.[0]
    const hostile = [`Host: ${host}`, `X-Forwarded-Host: ${host}`, 'X-Forwarded-Proto: https']
    const before = await stamp()
    const answer = await ask(port, request('POST /api/fresh', hostile))
    assert.deepEqual([answer.status, answer.body], [200, '{"revalidated":true}'])
    assert.notEqual(await stamp(), before)
    assert.match((await actWithScript(port, hostile)).body, /tenant acted at localhost/)
    assert.deepEqual(asked, [])
  })
}

for (const [settings, PAGE_WORKERS] of [
  ['the settings at their defaults', ''],
  ['0 workers', '0'],
]) {
  test(`with ${settings}, none of 40 requests gets the old page after revalidateTag`, async t => {
    const front = await start(t, { PAGE_WORKERS: PAGE_WORKERS ?? '', PAGE_MEMORY: '' })
    await ready(front)
    const made = async () => (await get(front, '/tagged')).text()
    const together = () => Promise.all(Array.from({ length: 40 }, made))
    // whoever renders pages has it by then
    const old = new Set(await together())
    assert.equal((await ask(portOf(front), request('POST /tagged/renew'))).body, 'renewed')
    const after = await together()
    assert.ok([...old, ...after].every(each => /^made at [\d.]+$/.test(each)))
    assert.deepEqual(
      after.filter(each => old.has(each)),
      [],
    )
  })
}

test('the start with 2 workers and no cache handler says what that means; with one worker there is nothing to say', async t => {
  const warnings = async (PAGE_WORKERS: string) => {
    const log = join(copy, `log-of-${PAGE_WORKERS}`)
    const front = await start(t, { PAGE_WORKERS }, log)
    await front.stop()
    const lines = (await readFile(log, 'utf8')).split('\n')
    return lines.filter(line => line.includes('a cache of its own'))
  }
  const [warning = '', ...others] = await warnings('2')
  const { level, msg, workers } = JSON.parse(warning)
  assert.deepEqual([level, workers, others], ['warn', 2, []])
  assert.match(msg, /PAGE_WORKERS=1, or a cacheHandler in next\.config/)
  assert.deepEqual(await warnings('1'), [])
})

test('without a build the start fails and says what to do', async () => {
  await rm(join(copy, '.next/standalone'), { recursive: true })
  await assert.rejects(startFrontProcess({ ...backend.env, ...LISTENERS }, undefined, copy), {
    message:
      /Gatehouse cannot start: Error: \.next\/standalone\/server\.js is not there; `npm run build` makes it/,
  })
})
