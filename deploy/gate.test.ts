import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { type TestContext, test } from 'node:test'
import { z } from 'zod'
import { now } from '../lib/clock.ts'
import { createReport } from '../lib/observe/emf.ts'
import { eventually } from '../test/raw.ts'
import { stage } from '../test/stage.ts'
import { resolve } from './lib/intrinsic.ts'
import { alarmOf, firesAfter } from './test/alarm.ts'

/** A deployment with a wrong origin is healthy, and no login works: what the front says of that, and whether the alarms hear it. */
const Exported = z.object({
  Conditions: z.record(z.string(), z.json()),
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.record(z.string(), z.json()) })),
})
const file = new URL('cloudformation/gatehouse.json', import.meta.url)
const { Conditions: conditions, Resources } = Exported.parse(JSON.parse(await readFile(file, 'utf8')))
const parameters = { BackendOrigin: 'https://api.dev.jp', Name: 'gatehouse', LeastTasks: '2' }
const alarms = Object.fromEntries(
  Object.entries(Resources)
    .filter(([, { Type, Properties }]) => Type === 'AWS::CloudWatch::Alarm' && 'Metrics' in Properties)
    .map(([id, { Properties }]) => [id, { Properties: resolve(Properties, { parameters, conditions }) }]),
)

type Options = NonNullable<Parameters<typeof stage>[1]>

/** Ten minutes with one real login each, as the front's clock has it: which alarms fire on what it reports. */
async function firing(t: TestContext, { status = 200, ...options }: Options & { status?: number }) {
  // ahead of the minutes of the tests before: it does not go back
  let at = now()
  t.mock.timers.enable({ apis: ['Date'], now: at })
  const handler: RequestListener = (req, res) =>
    void req.resume().on('end', () => res.writeHead(status).end())
  const { url, config, lifecycle, backends, history, alb } = await stage(t, { handler, ...options })
  const report = createReport({ config, lifecycle, backends, history })
  if (status === 0) await alb.close()
  const minutes: Record<string, (number | undefined)[]> = {}
  for (let minute = 0; minute < 10; minute++) {
    const answer = await fetch(`${url}/user/login`, { method: 'POST', body: '{}' })
    await answer.text()
    await eventually(() => history.buckets().some(({ posted, failed }) => posted + failed > 0))
    at += 60_000
    t.mock.timers.setTime(at)
    for (const [name, value] of Object.entries(report())) {
      if (typeof value === 'number') minutes[name] = [...(minutes[name] ?? []), value]
    }
  }
  t.mock.timers.reset()
  const gate = ['LoginsFail', 'LoginsAllFail', 'LoginsMisrouted']
  return gate.filter(name => firesAfter(alarmOf({ findResources: () => alarms }, name), minutes).length > 0)
}

const BOTH = ['LoginsFail', 'LoginsAllFail']

test('logins that work, and wrong passwords, fire no alarm', async t => {
  assert.deepEqual(await firing(t, {}), [])
  assert.deepEqual(await firing(t, { status: 401 }), [])
})

test('an origin whose load balancer has no target answers 503: at one login a minute the deployment is rolled back', async t => {
  assert.deepEqual(await firing(t, { status: 503 }), BOTH)
})

test('an origin without a login, which answers 404 to everything: the same, by another alarm', async t => {
  assert.deepEqual(await firing(t, { status: 404 }), ['LoginsAllFail', 'LoginsMisrouted'])
})

test('an origin that refuses connections: the same', async t => {
  assert.deepEqual(await firing(t, { status: 0, env: { CONNECT_TIMEOUT: '50ms' } }), BOTH)
})

test('an origin that is no HTTP API but speaks TLS, or the other way round: the same', async t => {
  const { port } = await stage(t, { secure: false })
  assert.deepEqual(
    await firing(t, { env: { BACKEND_ORIGIN: `https://127.0.0.1:${port}`, CONNECT_TIMEOUT: '50ms' } }),
    BOTH,
  )
})
