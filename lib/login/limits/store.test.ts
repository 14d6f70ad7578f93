import assert from 'node:assert/strict'
import dns from 'node:dns'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { authority } from '../../../test/backend.ts'
import { limitedFront, logIn, logInTimes, statusApi } from '../../../test/guesses.ts'
import { listening } from '../../../test/listening.ts'
import { ownTime } from '../../../test/own-time.ts'
import { eventually } from '../../../test/raw.ts'
import type { Stage } from '../../../test/stage.ts'
import { startStore, testWithStore } from '../../../test/store.ts'
import { type Authority, createAuthority } from '../../../testing/certificates.ts'
import { freePort } from '../../../testing/command.ts'

/** What a login may take of this process' own time when the store keeps silent: 100 ms, and the rest of a login. */
const PATIENCE_MS = 300

const connected = ({ limit }: Stage) => eventually(() => limit?.store?.connected === true)
const said = ({ log }: Stage, words: RegExp) => log.filter(({ msg }) => words.test(String(msg)))
const AWAY = /cannot be reached/
const BACK = /store .* answers/

async function timed<T>(run: () => Promise<T>): Promise<{ result: T; ms: number }> {
  const running = run()
  return { ms: await ownTime(running), result: await running }
}

testWithStore(
  'when the store is killed, logins go on, each front counts alone, and one line says so',
  1,
  async (t, open) => {
    const store = await startStore(t)
    const env = { LOGIN_LIMIT: '2/1m', LIMIT_STORE: store.url }
    const front = await open({ handler: statusApi().handler, env })
    await connected(front)
    assert.equal((await logIn(front, 'taro', 401)).status, 401)
    await store.kill()
    assert.deepEqual(await logInTimes(3, front, 'taro', 200), [200, 200, 200])
    assert.deepEqual(await logInTimes(3, front, 'taro', 401), [401, 401, 429])
    // through an attempt or two to connect
    await sleep(1200)
    assert.equal(said(front, AWAY).length, 1)
    assert.equal(said(front, AWAY)[0]?.level, 40)
    assert.deepEqual(front.limit?.store, { connected: false, outages: 1, alone: 6 })

    await store.start()
    await connected(front)
    assert.equal(said(front, BACK).length, 2)
    assert.deepEqual(await logInTimes(3, front, 'taro', 401), [401, 401, 429])
    assert.deepEqual(await store.counts(), { 'gatehouse:{limits}:address:127.0.0.1': 2 })
    assert.equal(said(front, AWAY).length, 1)
  },
)

testWithStore(
  'a store that falls silent delays logins by 100 ms at most, and no later one',
  1,
  async (t, open) => {
    const store = await startStore(t)
    const env = { LOGIN_LIMIT: '50/1m', LOGIN_LIMIT_ACCOUNT: '50/1m', LIMIT_STORE: store.url }
    const front = await open({ handler: statusApi().handler, env })
    await connected(front)
    await logIn(front, 'taro', 200)
    store.freeze()
    const first = await timed(() => Promise.all(Array.from({ length: 10 }, () => logIn(front, 'taro', 200))))
    assert.deepEqual(new Set(first.result.map(each => each.status)), new Set([200]))
    assert.ok(first.ms < PATIENCE_MS, `${first.ms} ms`)
    const later = await timed(() => logInTimes(20, front, 'taro', 200))
    assert.deepEqual(new Set(later.result), new Set([200]))
    // a tenth of a second each would be two seconds
    assert.ok(later.ms < 2 * PATIENCE_MS, `${later.ms} ms`)
    assert.equal(said(front, AWAY).length, 1)
    store.thaw()
    await connected(front)
    assert.equal(said(front, AWAY).length, 1)
  },
)

testWithStore(
  'logins under way when the store falls silent do not count once it is back',
  1,
  async (t, open) => {
    const store = await startStore(t)
    const env = { LOGIN_LIMIT: '5/1h', LIMIT_STORE: store.url }
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    const api = statusApi(() => held)
    const front = await open({ handler: api.handler, env })
    await connected(front)
    // three hold their points, and more ask for one while nobody answers
    const before = Array.from({ length: 3 }, () => logIn(front, 'taro', 200))
    await eventually(() => api.seen === 3)
    store.freeze()
    const during = Array.from({ length: 10 }, () => logIn(front, 'taro', 200))
    await eventually(() => front.limit?.store?.connected === false)
    letGo()
    const answers = await Promise.all([...before, ...during])
    assert.deepEqual(new Set(answers.map(each => each.status)), new Set([200]))
    store.thaw()
    await connected(front)
    const patience = AbortSignal.timeout(5000)
    while (Object.keys(await store.counts()).length > 0) await sleep(10, undefined, { signal: patience })
    assert.deepEqual(await logInTimes(6, front, 'taro', 401), [401, 401, 401, 401, 401, 429])
  },
)

testWithStore('a front whose store is not there starts, and uses it once it is', 1, async (t, open) => {
  const store = await startStore(t)
  await store.kill()
  const env = { LOGIN_LIMIT: '1/1m', LIMIT_STORE: store.url }
  const front = await open({ handler: statusApi().handler, env })
  assert.equal((await logIn(front, 'taro', 200)).status, 200)
  await eventually(() => said(front, AWAY).length === 1)
  await store.start()
  await connected(front)
  await logIn(front, 'taro', 401)
  assert.deepEqual(await store.counts(), { 'gatehouse:{limits}:address:127.0.0.1': 1 })
})

testWithStore('a store that takes no writes is away', 1, async (t, open) => {
  const store = await startStore(t)
  const env = { LOGIN_LIMIT: '2/1m', LIMIT_STORE: store.url }
  const front = await open({ handler: statusApi().handler, env })
  await connected(front)
  await store.ask('CONFIG', 'SET', 'min-replicas-to-write', '1')
  assert.deepEqual(await logInTimes(3, front, 'taro', 401), [401, 401, 429])
  assert.match(String(said(front, AWAY)[0]?.cause), /NOREPLICAS/)
  await store.ask('CONFIG', 'SET', 'min-replicas-to-write', '0')
  await connected(front)
  assert.equal(said(front, AWAY).length, 1)
})

testWithStore("the store's password opens it, and is never logged", 1, async (t, open) => {
  const store = await startStore(t)
  await store.ask('ACL', 'SETUSER', 'front', 'on', '>himitsu', '~gatehouse:*', '+@read', '+@write', '+eval')
  const as = (password: string) => store.url.replace('//', `//front:${password}@`)
  const { handler } = statusApi()
  const right = await open({ handler, env: { LOGIN_LIMIT: '1/1m', LIMIT_STORE: as('himitsu') } })
  await connected(right)
  await logIn(right, 'taro', 401)
  assert.deepEqual(await store.counts(), { 'gatehouse:{limits}:address:127.0.0.1': 1 })
  const wrong = await open({ handler, env: { LOGIN_LIMIT: '1/1m', LIMIT_STORE: as('himitsu-chigau') } })
  await eventually(() => said(wrong, AWAY).length === 1)
  assert.deepEqual(await logInTimes(2, wrong, 'taro', 401), [401, 429])
  assert.doesNotMatch(JSON.stringify([...right.log, ...wrong.log]), /himitsu/)
})

testWithStore(
  'rediss: speaks TLS, to a server whose certificate is trusted and to no other, whatever NODE_TLS_REJECT_UNAUTHORIZED says',
  1,
  async (t, open) => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    t.after(() => delete process.env.NODE_TLS_REJECT_UNAUTHORIZED)
    const { handler } = statusApi()
    const openWith = async ({ issue }: Authority) => {
      const store = await startStore(t, await issue(['127.0.0.1']))
      return open({ handler, env: { LOGIN_LIMIT: '1/1m', LIMIT_STORE: store.url } })
    }
    const front = await openWith(authority)
    await connected(front)
    assert.deepEqual(await logInTimes(2, front, 'taro', 401), [401, 429])
    assert.equal(front.limit?.store?.alone, 0)
    const other = await openWith(await createAuthority())
    await eventually(() => said(other, AWAY).length === 1)
    assert.match(String(said(other, AWAY)[0]?.cause), /certificate/)
  },
)

test('a store that takes connections and never answers delays no login', async t => {
  const silent = net.createServer(socket => socket.resume().on('error', () => {}))
  const port = await listening(t, silent)
  const front = await limitedFront(t, { LOGIN_LIMIT: '1/1m', LIMIT_STORE: `redis://127.0.0.1:${port}` })
  const { result, ms } = await timed(() => logInTimes(3, front, 'taro', 401))
  assert.deepEqual(result, [401, 429, 429])
  assert.ok(ms < PATIENCE_MS, `${ms} ms`)
})

testWithStore(
  'in a cluster the server that has the counts is found, whichever is asked',
  0,
  async (t, open) => {
    const clustered = async () => {
      const bus = await freePort()
      const options = [
        '--cluster-enabled',
        'yes',
        '--cluster-require-full-coverage',
        'no',
        '--cluster-port',
        bus,
      ]
      return { ...(await startStore(t, undefined, options)), bus }
    }
    const [asked, owner] = [await clustered(), await clustered()]
    await owner.ask('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    await asked.ask('CLUSTER', 'MEET', '127.0.0.1', String(owner.port), owner.bus)
    await eventually(async () => /cluster_state:ok/.test(String(await asked.ask('CLUSTER', 'INFO'))))
    // up to two seconds later it takes writes
    await eventually(() =>
      owner.ask('SET', 'a', '', 'PX', '1').then(
        () => true,
        () => false,
      ),
    )
    const env = { LOGIN_LIMIT: '2/1m', LIMIT_STORE: asked.url }
    const front = await open({ handler: statusApi().handler, env })
    await connected(front)
    assert.deepEqual(await logInTimes(3, front, 'taro', 401), [401, 401, 429])
    assert.deepEqual(await owner.counts(), { 'gatehouse:{limits}:address:127.0.0.1': 2 })
    assert.deepEqual(front.limit?.store, { connected: true, outages: 0, alone: 0 })
  },
)

/** A server of a cluster with TLS that gives `answer` to a script. */
async function tlsServer(t: TestContext, names: string[], answer: string): Promise<number> {
  const server = tls.createServer(await authority.issue(names), socket => {
    socket.on('error', () => {})
    socket.on('data', data => {
      // a command is an array of strings, and its name is the first of them
      for (const [, name] of data.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g))
        socket.write(name === 'EVAL' ? answer : '+OK\r\n')
    })
  })
  return listening(t, server)
}

for (const [words, host, name] of [
  ['a host name has a certificate for that name', 'node-2.dev.jp', 'node-2.dev.jp'],
  ["an address has a certificate for LIMIT_STORE's name", '127.0.0.1', 'limits.dev.jp'],
] as const) {
  test(`the server of a cluster that MOVED names by ${words}`, async t => {
    const { lookup } = dns
    t.mock.method(dns, 'lookup', (asked: string, ...rest: unknown[]) =>
      Reflect.apply(lookup, dns, [asked.replace(/.*\.dev\.jp$/, '127.0.0.1'), ...rest]),
    )
    const owner = await tlsServer(t, [name], '+OK\r\n')
    const asked = await tlsServer(t, ['limits.dev.jp'], `-MOVED 1 ${host}:${owner}\r\n`)
    const env = { LOGIN_LIMIT: '2/1m', LIMIT_STORE: `rediss://limits.dev.jp:${asked}` }
    const front = await limitedFront(t, env)
    await connected(front)
    assert.equal(front.limit?.store?.outages, 0)
  })
}
