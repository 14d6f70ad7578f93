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

const AT_LISTENER = VARIANTS['a listener and a cluster that exist']
const WITHOUT_NAT = VARIANTS['a new VPC with endpoints and without NAT']

const refused: Readonly<Record<string, readonly [changes: Record<string, unknown>, mistake: RegExp]>> = {
  'one zone': [
    { network: { use: 'new', cidr: '10.0.0.0/16', zones: ['ap-northeast-1a'] } },
    /^network\.zones is /,
  ],
  'a range that is none': [
    { network: { use: 'new', cidr: '10.0.0.0/33', zones: ['ap-northeast-1a', 'ap-northeast-1c'] } },
    /^network\.cidr is "10\.0\.0\.0\/33"/,
  ],
  'tasks without a way to their image': [
    {
      network: {
        use: 'new',
        cidr: '10.0.0.0/16',
        zones: ['ap-northeast-1a', 'ap-northeast-1c'],
        natGateways: 0,
      },
    },
    /^network\.natGateways is 0; .* no task could fetch its image/,
  ],
  'a name outside its hosted zone': [
    { certificate: { use: 'dns', domain: 'www.dev.com', hostedZoneId: 'Z01', hostedZoneName: 'dev.jp' } },
    /^certificate\.domain is "www\.dev\.com"/,
  ],
  'an image without a tag': [
    { image: { use: 'ecr', uri: '111122223333.dkr.ecr.ap-northeast-1.amazonaws.com/gatehouse' } },
    /^image\.uri is /,
  ],
  'an image of another registry': [
    { image: { use: 'ecr', uri: 'docker.io/library/node:26' } },
    /^image\.uri is /,
  ],
  'a rule with more hosts and paths than an ALB takes': [
    {
      ...AT_LISTENER,
      loadBalancer: { ...Object(AT_LISTENER?.loadBalancer), paths: ['/a/*', '/b/*', '/c/*', '/d/*', '/e/*'] },
    },
    /^loadBalancer\.hosts is .*; accepted: 5 hosts and paths together/,
  ],
  'a sidecar of another registry without NAT': [
    {
      ...WITHOUT_NAT,
      sidecars: [{ name: 'adot', image: 'public.ecr.aws/aws-observability/collector:v1', memory: 128 }],
    },
    /^sidecars\.0\.image is .*; accepted: an image in ECR of ap-northeast-1/,
  ],
  'an image of another region without NAT': [
    {
      ...WITHOUT_NAT,
      image: { use: 'ecr', uri: '111122223333.dkr.ecr.us-east-1.amazonaws.com/gatehouse:1.0.0' },
    },
    /^image\.uri is .*; accepted: an image in ECR of ap-northeast-1/,
  ],
  'more at least than at most': [
    { scaling: { min: 5, max: 4 } },
    /^scaling\.max is 4; accepted: at least min/,
  ],
  'a size of task that Fargate lacks': [{ task: { cpu: 300 } }, /^task\.cpu is 300; accepted: 256, 512/],
  'a start that takes longer than a health check of ECS waits': [
    { task: { startSeconds: 301 } },
    /^task\.startSeconds is 301; accepted: a whole number from 0 to 300/,
  ],
  'a log kept for two days': [{ logs: { days: 2 } }, /^logs\.days is 2; accepted: 1, 3, 5/],
  'a secret by its name': [{ secrets: { LIMIT_STORE: 'gatehouse/redis' } }, /^secrets\.LIMIT_STORE is /],
  'a time without a unit': [{ environment: { STOP_DELAY: '5' } }, /^environment\.STOP_DELAY is "5"/],
  'a backend slower than the public ALB waits': [
    { environment: { BACKEND_TIMEOUT: '60s' } },
    /^environment\.BACKEND_TIMEOUT is "60s"; accepted: less than 60s/,
  ],
  'a front that closes idle connections before the public ALB': [
    { environment: { KEEP_ALIVE_TIMEOUT: '30s' } },
    /^environment\.KEEP_ALIVE_TIMEOUT is "30s"; accepted: more than 60s/,
  ],
  'a public ALB that waits longer than the front': [
    { loadBalancer: { use: 'new', idleSeconds: 310 } },
    /^environment\.KEEP_ALIVE_TIMEOUT is not set; accepted: more than 310s/,
  ],
  'a Spot task that stops serving before the ALB can notice that it ends': [
    { task: { spot: true }, environment: { STOP_DELAY: '10s' } },
    /^environment\.STOP_DELAY is "10s"; accepted: 35s or more with task\.spot/,
  ],
  'a Spot task that Fargate would kill': [
    { task: { spot: true }, environment: { STOP_TIMEOUT: '80s' } },
    /^environment\.STOP_TIMEOUT is "80s"; accepted: STOP_DELAY and STOP_TIMEOUT of 115s together/,
  ],
  'a Spot task that Fargate would kill anyway': [
    { task: { spot: true }, environment: { STOP_DELAY: '40s', STOP_TIMEOUT: '118s' } },
    /^environment\.STOP_TIMEOUT is "118s"; accepted: STOP_DELAY and STOP_TIMEOUT of 115s together/,
  ],
  'a delay on Spot without a unit': [
    { task: { spot: true }, environment: { STOP_DELAY: '40' } },
    /^environment\.STOP_DELAY is "40"; accepted: a time/,
  ],
  'a public ALB that waits longer than AWS leaves to a Spot task': [
    {
      task: { spot: true },
      loadBalancer: { use: 'new', idleSeconds: 310 },
      environment: { KEEP_ALIVE_TIMEOUT: '330s' },
    },
    /^loadBalancer\.idleSeconds is 310; accepted: at most 119 with task\.spot/,
  ],
  'a time to keep connections without a unit': [
    { task: { spot: true }, environment: { KEEP_ALIVE_TIMEOUT: '75' } },
    /^environment\.KEEP_ALIVE_TIMEOUT is "75"; accepted: a time/,
  ],
  'a variable with a space': [{ environment: { 'LOG LEVEL': 'info' } }, /^environment\.LOG LEVEL is "info"/],
  'a number as a variable': [
    { environment: { PAGE_WORKERS: 2 } },
    /^environment\.PAGE_WORKERS is 2; .* in quotes/,
  ],
  'a password among the environment': [
    { environment: { LIMIT_STORE: 'rediss://front:himitsu@valkey.dev.jp:6379' } },
    /^environment\.LIMIT_STORE is "rediss:…@valkey\.dev\.jp:6379"; accepted: set under secrets/,
  ],
  'the header that vouches for CloudFront, among the environment': [
    { environment: { CLIENT_ADDRESS_PROOF: 'X-Origin-Verify: 9f86d081884c7d65' } },
    /^environment\.CLIENT_ADDRESS_PROOF is "…"; accepted: network, or set under secrets/,
  ],
  'a client of the public ALB that is no range': [
    { loadBalancer: { use: 'new', clients: ['cloudfront'] } },
    /^loadBalancer\.clients\.0 is "cloudfront"; accepted: a prefix list or an IPv4 range/,
  ],
  'a variable in both places': [
    {
      environment: { LIMIT_STORE: 'redis://valkey.dev.jp' },
      secrets: { LIMIT_STORE: 'arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:gatehouse-AbCdEf' },
    },
    /^secrets\.LIMIT_STORE is .*; accepted: not in environment, too/,
  ],
  'metrics without emf': [
    { environment: { METRICS: 'prometheus' } },
    /^environment\.METRICS is .* the alarms need emf/,
  ],
}
for (const [what, [changes, mistake]] of Object.entries(refused)) {
  test(`${what} is refused`, () => {
    const mistakes = mistakesIn(changes)
    assert.equal(mistakes.length, 1, mistakes.join('\n'))
    assert.match(mistakes[0] ?? '', mistake)
  })
}

test('that the network vouches for CloudFront is no secret', () => {
  assert.deepEqual(mistakesIn({ environment: { CLIENT_ADDRESS_PROOF: 'network' } }), [])
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
