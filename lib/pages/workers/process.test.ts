import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import os from 'node:os'
import { test } from 'node:test'
import { allReady, stand } from '../../../test/pages/stand.ts'
import { HAVE_SECRETS } from '../../settings/settings.ts'
import { shareOf } from './cores.ts'

const MB = 1024 ** 2

for (const [options, heap] of [
  ['', 512],
  ['--max-old-space-size=300', 300],
  ['--no-warnings --max_old_space_size=400', 400],
] as const) {
  test(`with NODE_OPTIONS=${options} the heap of a worker ends at ${heap} MB`, async t => {
    const { get } = await stand(t, { env: { NODE_OPTIONS: options } })
    const limit = Number((await get('/heap-limit')).body) / MB
    // V8 adds its young generation
    assert.ok(limit >= heap && limit < heap + 100, `${limit}`)
  })
}

test("an argument of the front's Node counts for a worker, too, but none that is the front's own", async t => {
  const { execArgv } = process
  t.after(() => {
    process.execArgv = execArgv
  })
  const preloads = ['--require=node:tty', '-r', 'node:os', '--import', 'node:net']
  const memory = ['--max_old_space_size=300', '--max-semi-space-size=8']
  // a file that is not there would end the worker
  const own = [
    '--env-file',
    'gatehouse.env',
    '--env-file=gatehouse.env',
    '--inspect-port',
    '0',
    '-e',
    '1',
    '--cpu-prof',
  ]
  process.execArgv = [...own, ...preloads, ...own, ...memory]
  const { get, pages } = await stand(t)
  const limit = Number((await get('/heap-limit')).body) / MB
  assert.ok(limit >= 300 && limit < 400, `${limit}`)
  const [pid] = await allReady({ pages })
  const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
  const first = command.indexOf('--require=node:tty')
  const passed = [...preloads, ...memory]
  assert.deepEqual(command.slice(first, first + passed.length), passed)
  assert.ok(!own.some(each => command.includes(each)), command.join(' '))
})

test('a worker has what the front has in its environment, but no secret that pages do not need', async t => {
  const env = {
    LIMIT_STORE: 'redis://:secret@store:6379',
    CLIENT_ADDRESS_PROOF: 'X-Origin-Verify: 0123456789abcdef',
    ADMIN_TOKEN: 'himitsu-himitsu-himitsu-himitsu-',
    BACKEND_URL: 'http://127.0.0.1:9',
  }
  const { get } = await stand(t, { env })
  const seen = JSON.parse((await get('/env')).body)
  assert.equal(seen.BACKEND_URL, env.BACKEND_URL)
  assert.equal(seen.NODE_ENV, 'production')
  for (const secret of HAVE_SECRETS) {
    assert.ok(secret in env, secret)
    assert.ok(!(secret in seen), secret)
  }
})

test('the scheduler prefers the front', async t => {
  const { pages } = await stand(t)
  const [pid = 0] = await allReady({ pages })
  assert.ok(os.getPriority(pid) > os.getPriority(process.pid))
})

test('where memory runs out, the kernel ends a page worker, and not the front', async t => {
  const { pages } = await stand(t)
  const [pid = 0] = await allReady({ pages })
  assert.equal(Number(await readFile(`/proc/${pid}/oom_score_adj`, 'utf8')), 500)
})

test('every worker has its share of the cores', async t => {
  const count = os.availableParallelism()
  const { pages } = await stand(t, { count })
  const { nice, flags } = shareOf(count)
  for (const pid of await allReady({ pages })) {
    assert.equal(os.getPriority(pid), nice)
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
    for (const flag of flags) assert.ok(command.includes(flag), command.join(' '))
  }
})

test('what a page prints is a line of the log, with the worker', async t => {
  const { get, line } = await stand(t)
  await get('/says')
  const said = await line(({ msg }) => msg === 'a page says this')
  const complained = await line(({ msg }) => msg === 'a page complains')
  assert.deepEqual([said.level, said.worker, complained.level], [30, 1, 40])
  // without an end, but not without a bound
  await line(({ msg }) => /^x{16384}/.test(`${msg}`))
})

test("a page's JSON is fields of the log line, with its level and message, and no secret", async t => {
  const { get, line } = await stand(t)
  await get('/logs')
  const { time, ...ofPino } = await line(({ msg }) => msg === 'of pino')
  assert.deepEqual(ofPino, {
    level: 50,
    worker: 1,
    said: 7,
    order: { id: 1 },
    err: { type: 'TypeError', message: 'x', stack: 'y' },
    cookie: '[Redacted]',
    msg: 'of pino',
  })
  assert.notEqual(time, 7)
  await line(({ msg }) => msg === '{ not: json }')
})

test('a JSON line keeps its level where an indented one follows in the same write', async t => {
  const { get, line } = await stand(t)
  await get('/logs-together')
  assert.equal((await line(({ msg }) => msg === 'payment failed')).level, 50)
  await line(({ msg }) => msg === '⨯ Error: boom\n    at x (y.js:1:1)')
})

test('an error is one entry, with its stack and each line of its message', async t => {
  const { get, line } = await stand(t)
  await get('/logs')
  const { level, msg } = await line(each => `${each.msg}`.startsWith('Error: with a stack'))
  assert.equal(level, 40)
  assert.match(`${msg}`, /^Error: with a stack\nand a message of lines\n\{.*"forged"\}\n +at .*\n +at /)
})

test('a page that prints too much is read on, and the log says how much it left out', async t => {
  const { get, log, line } = await stand(t)
  await get('/floods')
  const { characters } = await line(
    ({ msg }) => msg === 'page worker printed too much text at once: it was left out',
  )
  assert.ok(Number(characters) > 0)
  assert.ok(log.length < 20_000, `${log.length} lines`)
  await get('/says')
  await line(({ msg }) => msg === 'a page says this')
})

test('a page that says what is not true over the channel of its worker changes nothing', async t => {
  const { get } = await stand(t, { env: { ODD_START: 'lies' } })
  assert.equal((await get('/pid')).status, 200)
})

test("a terminal's Ctrl-C is the front's alone", async t => {
  const { get, pages } = await stand(t)
  const [pid = 0] = await allReady({ pages })
  process.kill(pid, 'SIGINT')
  process.kill(pid, 'SIGHUP')
  assert.equal((await get('/pid')).body, `${pid}`)
})
