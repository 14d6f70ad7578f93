import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { startBackend } from '../../test/backend.ts'
import { logLines, untilLogged } from '../../test/log-lines.ts'
import { ask, header, request, wire } from '../../test/raw.ts'
import { startCollector, treeOf } from '../../test/traces/collector.ts'
import { LISTENERS, startFrontProcess } from '../../testing/front-process.ts'

const DELAY_MS = 1500

/** Preloaded into the front: SIGIO makes it throw where nobody catches, SIGWINCH reject where nobody looks. */
const THROWS = `data:text/javascript,${encodeURIComponent(`
  process.on('SIGIO', () => setImmediate(() => { throw new Error('thrown by the test') }))
  process.on('SIGWINCH', () => void Promise.reject(new Error('rejected by the test')))
`)}`
const WITHOUT_NEXT = new URL('../../test/faults/without-next.ts', import.meta.url).pathname

/**
 * A front process before a backend that answers /user/login when `release` says so, a page's call never where `onPage`
 * waits for it, and everything else at once.
 */
async function setUp(t: TestContext, env: Record<string, string> = {}, onPage?: () => void) {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
  const handler: http.RequestListener = async (req, res) => {
    if (req.url === '/user/login') {
      arrive()
      await released
    }
    if (req.url === '/user/me' && onPage) return onPage()
    res.end('welcome')
  }
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-stop-'))
  const { dns, alb, close } = await startBackend({ handler, count: 1, secure: false })
  t.after(close)
  const logFile = join(folder, 'log')
  const front = await startFrontProcess(
    {
      BACKEND_ORIGIN: alb.origin,
      DNS_SERVERS: dns.address,
      ...LISTENERS,
      PAGE_WORKERS: '0',
      STOP_DELAY: `${DELAY_MS}ms`,
      STOP_TIMEOUT: '20s',
      NODE_OPTIONS: `--import=${WITHOUT_NEXT} --import=${THROWS}`,
      ...env,
    },
    logFile,
  )
  t.after(async () => {
    release()
    front.process.kill('SIGKILL')
    await front.exited
    await rm(folder, { recursive: true })
  })
  const port = Number(new URL(front.url).port)
  const log = () => logLines(logFile)
  /** Resolves with the log line whose message is this. */
  const says = async (msg: string) => (await untilLogged(logFile, line => line.msg === msg))[0]
  const client = await wire(t, port)
  client.send(request('POST /user/login', [], 'abc'))
  await arrived
  return { ...front, port, release, client, log, says }
}

const login = (port: number) => ask(port, request('POST /user/login/other', [], 'abc'))

test('after SIGTERM it serves for STOP_DELAY, closes what is idle, ends what is in flight, and exits with 0', async t => {
  const { process: front, port, client, release, exited, says, log } = await setUp(t)
  const idle = await wire(t, port)
  idle.send(request('GET /healthz'))
  assert.equal((await idle.answer()).status, 200)
  front.kill('SIGTERM')
  await says('stopping')
  const ready = await ask(port, request('GET /readyz'))
  assert.deepEqual([ready.status, ready.body], [503, 'stopping\n'])
  assert.equal((await ask(port, request('GET /healthz'))).status, 200)
  const answer = await login(port)
  assert.deepEqual([answer.status, header(answer, 'connection')], [200, 'close'])

  await says('no new connections')
  await assert.rejects(login(port), /ECONNREFUSED/)
  assert.equal(await idle.closed(), '')
  release()
  assert.equal((await client.answer()).body, 'welcome')
  assert.equal(await exited, 0)
  assert.deepEqual(
    (await log())
      .filter(each => each.route === undefined)
      .slice(-3)
      .map(each => each.msg),
    ['stopping', 'no new connections', 'stopped'],
  )
})

test('a page that was asked for before may ask the API to its end', async t => {
  const { process: front, port, release, exited, says } = await setUp(t, { STOP_DELAY: '0s' })
  const page = await wire(t, port)
  // the page reads this to its end, then asks the API, over a connection that is not there yet
  page.send('POST /page HTTP/1.1\r\nHost: front.example\r\nContent-Length: 2\r\n\r\na')
  assert.equal((await ask(port, request('GET /healthz'))).status, 200)
  front.kill('SIGTERM')
  await says('no new connections')
  page.send('b')
  assert.equal((await page.answer()).body, 'welcome')
  release()
  assert.equal(await exited, 0)
})

test('what is in flight for longer than STOP_TIMEOUT is cut off, fails in log and traces, and it exits with 0', async t => {
  const collector = await startCollector(t)
  const {
    process: front,
    client,
    exited,
    log,
  } = await setUp(t, {
    STOP_DELAY: '0s',
    STOP_TIMEOUT: '100ms',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  })
  front.kill('SIGTERM')
  assert.equal(await client.closed(), '')
  assert.equal(await exited, 0)
  const line = (await log()).find(({ route }) => route === 'login')
  assert.deepEqual(
    [line?.msg, line?.code, line?.cause],
    ['cut off', 'BACKEND_BROKE_OFF', 'cut off: Gatehouse stopped'],
  )
  assert.equal(treeOf(collector.spans), 'POST /user/login\n  POST\n    connect')
})

test('what a page still asks the API when all is cut off is in the traces, too', async t => {
  const asked = Promise.withResolvers<void>()
  const collector = await startCollector(t)
  const {
    process: front,
    port,
    exited,
  } = await setUp(
    t,
    { STOP_DELAY: '0s', STOP_TIMEOUT: '100ms', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    asked.resolve,
  )
  const page = await wire(t, port)
  page.send(request('GET /page'))
  await asked.promise
  front.kill('SIGTERM')
  assert.equal(await exited, 0)
  assert.ok(collector.spans.some(({ name }) => name === 'GET egress'))
})

const AS_PROCESS_1 = ['--pid', '--fork', '--kill-child', '--mount-proc'] as const
const skip = spawnSync('/usr/bin/unshare', [...AS_PROCESS_1, 'true']).status !== 0 && 'no namespaces'

test('as process 1 it is ended at once by SIGTERM while it starts', { skip }, async t => {
  const dns = createSocket('udp4')
  t.after(() => void dns.close())
  await once(dns.bind(0, '127.0.0.1'), 'listening')
  const front: ChildProcess = spawn('/usr/bin/unshare', [...AS_PROCESS_1, process.execPath, 'server.ts'], {
    env: {
      ...process.env,
      ...LISTENERS,
      BACKEND_ORIGIN: 'http://api.dev.jp',
      DNS_SERVERS: `127.0.0.1:${dns.address().port}`,
      PAGE_WORKERS: '0',
      NODE_OPTIONS: `--import=${WITHOUT_NEXT}`,
      NODE_ENV: 'production',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => void front.kill('SIGKILL'))
  const exited = once(front, 'exit').then(([code]) => code)
  // the start waits for the answer, and then goes on without one
  await once(dns, 'message')
  const children = await readFile(`/proc/${front.pid}/task/${front.pid}/children`, 'utf8')
  process.kill(Number(children), 'SIGTERM')
  let output = ''
  const ready = new Promise<string>(resolve => {
    front.stdout?.on('data', text => {
      output += text
      if (output.includes('"msg":"ready"')) resolve('ready')
    })
  })
  assert.equal(await Promise.race([exited, ready]), 143)
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`a second signal (${signal}) ends it at once`, async t => {
    const { process: front, client, exited, says, log } = await setUp(t, { STOP_DELAY: '20s' })
    front.kill('SIGTERM')
    await says('stopping')
    front.kill(signal)
    assert.equal(await exited, 1)
    assert.equal(await client.closed(), '')
    assert.ok((await log()).every(each => each.msg !== 'no new connections'))
  })
}

for (const [words, signal, message, event] of [
  ['an exception that nobody catches', 'SIGIO', 'thrown by the test', 'uncaughtException'],
  ['a rejection that nobody looks at', 'SIGWINCH', 'rejected by the test', 'unhandledRejection'],
] as const) {
  test(`${words} is logged, and stops it gracefully with exit code 1`, async t => {
    const { process: front, port, client, release, exited, says } = await setUp(t, { PAGE_WORKERS: '1' })
    front.kill(signal)
    const line = await says('uncaught exception: stopping')
    assert.equal(line?.level, 'fatal')
    assert.match(String(line?.cause), new RegExp(message))
    assert.equal((await ask(port, request('GET /readyz'))).status, 503)
    assert.equal((await login(port)).status, 200)
    await says('no new connections')
    release()
    assert.equal((await client.answer()).body, 'welcome')
    assert.equal(await exited, 1)
  })

  // as under `next start`: it may be a page's
  test(`${words} where pages run in this process is logged, and ends nothing`, async t => {
    const { process: front, port, client, release, exited, says } = await setUp(t, { STOP_DELAY: '0s' })
    front.kill(signal)
    const line = await says(`${event} of a page`)
    assert.match(String(line?.cause), new RegExp(message))
    assert.equal((await ask(port, request('GET /readyz'))).status, 200)
    release()
    assert.equal((await client.answer()).body, 'welcome')
    front.kill('SIGTERM')
    assert.equal(await exited, 0)
  })
}
