import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { mistakesIn, settingsWith, VARIANTS } from '../test/example.ts'
import { readSettings } from './settings.ts'

test('the example is accepted, and everything else has its default', () => {
  const { name, task, scaling, deployment, logs, exec } = settingsWith()
  assert.deepEqual(
    { name, task, scaling, deployment, logs, exec },
    {
      name: 'gatehouse',
      task: {
        cpu: 512,
        memory: 1024,
        architecture: 'x86_64',
        startSeconds: 60,
        writable: [],
        spot: false,
        securityGroupIds: [],
        policies: [],
      },
      scaling: { min: 2, max: 10, requestsPerTask: 3000, cpuPercent: 60 },
      deployment: { strategy: 'rolling', bakeMinutes: 10 },
      logs: { days: 30, accessDays: 90 },
      exec: false,
    },
  )
})

test('every mistake is reported at once: name, value seen, what is accepted', () => {
  const mistakes = mistakesIn({
    region: 'tokyo',
    network: { use: 'neu' },
    backend: { origin: 'api.dev.jp', securityGroupId: 'sg-0c000000000000001' },
    task: { cpu: 256, memory: 4096 },
    scaling: { min: 0 },
    environment: { PORT: '80', STOP_TIMEOUT: '2m' },
    colour: 'green',
  })
  assert.deepEqual(mistakes, [
    'region is "tokyo"; accepted: a region such as ap-northeast-1',
    'network.use is "neu"; accepted: an object with "use": "existing" or "use": "new"',
    'backend.origin is "api.dev.jp"; accepted: where the API is, without a path: https://api.dev.jp',
    'task.memory is 4096; accepted: 512, 1024 or 2048 beside 256',
    'scaling.min is 0; accepted: a whole number from 1 to 1000',
    'environment.PORT is "80"; accepted: not set: the target group asks port 4000',
    'environment.STOP_TIMEOUT is "2m"; accepted: STOP_DELAY and STOP_TIMEOUT of 115s together: Fargate kills a task after 120 s',
    'colour is not a setting',
  ])
})

test('what is not JSON is called so, with the name of the file', () => {
  assert.throws(() => readSettings('{', 'settings/production.json'), {
    name: 'SettingsError',
    message: /^settings\/production\.json is not JSON: /,
  })
})

test('what is missing is named', () => {
  const mistakes = mistakesIn({ account: undefined, backend: undefined, certificate: {} })
  assert.deepEqual(
    mistakes.map(each => each.split(';')[0]),
    ['account is not set', 'certificate.use is not set', 'backend is not set'],
  )
})

test('docs/ecs.md names every setting', () => {
  const docs = readFileSync(new URL('../../docs/ecs.md', import.meta.url), 'utf8')
  const single = new Set(['environment', 'secrets', 'reach'])
  const all = Object.values(VARIANTS).flatMap(changes =>
    Object.entries(settingsWith(changes)).flatMap(([name, value]) =>
      typeof value === 'object' && !Array.isArray(value) && !single.has(name)
        ? Object.keys(value).map(key => `${name}.${key}`)
        : [name],
    ),
  )
  assert.ok(all.includes('network.zones') && all.includes('task.cpu') && all.includes('exec'))
  for (const name of new Set(all)) assert.ok(docs.includes(`\`${name}\``), name)
})

for (const page of ['ecs.md', 'ecs.ja.md'])
  test(`${page}: each diff and deployment by CDK names its settings file, without which it is the example's`, () => {
    const docs = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8')
    const commands = docs.match(/npx cdk (?:diff|deploy)[^`\n]*/g) ?? []
    assert.ok(commands.length >= 4)
    for (const each of commands) assert.match(each, / -c settings=settings\/production\.json$/)
  })

for (const [cpu, memories] of [
  [256, [512, 1024, 2048]],
  [1024, [2048, 8192]],
  [4096, [8192, 30_720]],
] as const) {
  for (const memory of memories)
    test(`${cpu} CPU units with ${memory} MiB are accepted`, () =>
      assert.deepEqual(mistakesIn({ task: { cpu, memory } }), []))
}

test('an image is told by its digest, too', () => {
  const digest = `sha256:${'0a'.repeat(32)}`
  const uri = `111122223333.dkr.ecr.ap-northeast-1.amazonaws.com/team/gatehouse@${digest}`
  const { image } = settingsWith({ image: { use: 'ecr', uri } })
  assert.deepEqual(image.use === 'ecr' && [image.uri.name, image.uri.version], ['team/gatehouse', digest])
})

test('the origin is what Gatehouse makes of it: a default port is left out of its metrics', () => {
  const origin = (text: string) =>
    settingsWith({ backend: { origin: text, securityGroupId: 'sg-0c000000000000001' } }).backend.origin
  assert.deepEqual(origin('https://API.dev.jp:443'), {
    origin: 'https://api.dev.jp',
    host: 'api.dev.jp',
    port: 443,
  })
  assert.deepEqual(
    [origin('http://api.dev.jp').port, origin('https://api.dev.jp:8443').host],
    [80, 'api.dev.jp:8443'],
  )
})
