import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mistakesIn, VARIANTS } from '../test/example.ts'

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
