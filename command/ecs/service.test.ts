import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { CreateServiceRequest$ } from '@aws-sdk/client-ecs'
import { convert, pair } from '../../test/ecs/convert.ts'
import { checkBlocks, shapeMistakes } from '../../test/ecs/shape.ts'
import { ecspressoService, terraform } from './for-tools.ts'
import { commands, type Service, serviceText } from './service.ts'

function serviceOf(task: object, accept: string[] = []): Service {
  const { service, questions } = convert(task, { accept })
  if (!service) throw new Error(questions.join('\n'))
  return service
}
const FARGATE = serviceOf(pair({}, {}, { requiresCompatibilities: ['FARGATE'], cpu: '256', memory: '512' }))
const BRIDGE = serviceOf(
  pair(
    { memory: 64, portMappings: [{ containerPort: 80, hostPort: 0 }] },
    { memory: 128 },
    { networkMode: 'bridge' },
  ),
)

test('every block is what a shell can read, and every option of `aws ecs` is one of the operation', () => {
  for (const service of [FARGATE, BRIDGE]) {
    const { blocks, operations } = checkBlocks(commands(service))
    assert.equal(blocks.length, service.isPortNew ? 8 : 7)
    assert.deepEqual([...new Set(operations)].sort(), [
      'create-service',
      'describe-services',
      'describe-tasks',
      'register-task-definition',
      'run-task',
      'update-service',
    ])
  }
})

test('a doctor that ECS could not place says why, and which folder the commands read from stands before the first of them', () => {
  for (const service of [FARGATE, BRIDGE]) {
    assert.match(
      commands(service),
      /--query 'tasks\[0\]\.taskArn \|\| failures\[0\]\.reason'.*\necho "RUN=\$RUN"\n/,
    )
    const before = commands(service).split('```sh\n')[0]
    assert.match(before ?? '', /Run the commands in the folder of this file/)
    assert.equal(/fixed host port/.test(commands(service)), service === BRIDGE)
  }
})

test("ecspresso's service definition has the shape of CreateService, less the name that the team has", () => {
  const mistakes = shapeMistakes(JSON.parse(ecspressoService(FARGATE)), CreateServiceRequest$)
  assert.deepEqual(mistakes, ['$.serviceName: is required'])
})

test('the commands, ecspresso, Terraform and the words agree on container, port and times', () => {
  for (const text of [commands(FARGATE), ecspressoService(FARGATE), terraform(FARGATE)]) {
    assert.match(text, /app/)
    assert.match(text, /4000/)
  }
  for (const text of [commands(FARGATE), terraform(FARGATE), serviceText(FARGATE)])
    assert.match(text, /\/healthz/)
  assert.match(terraform(FARGATE), /deregistration_delay = 60$/m)
  assert.match(commands(FARGATE), /authorize-security-group-ingress .*--port 4000 /)
  assert.match(commands(FARGATE), /deregistration_delay\.timeout_seconds,Value=60/)
})

test('the grace period of the service is the time that the container has to start, in each form', () => {
  const { service } = convert(pair({}, { memory: 256 }), { startSeconds: 240 })
  assert.ok(service)
  assert.equal(commands(service).match(/--health-check-grace-period-seconds 240 /g)?.length, 2)
  assert.equal(JSON.parse(ecspressoService(service)).healthCheckGracePeriodSeconds, 240)
  assert.match(terraform(service), /health_check_grace_period_seconds {2}= 240$/m)
  assert.match(serviceText(service), /grace period: 240 s/)
})

test("the deregistration delay is said to outlast the load balancer's idle timeout, which is not known here", () => {
  assert.match(serviceText(FARGATE), /deregistration delay 60 s, or the load balancer's idle timeout/)
})

test('with HEALTH_PREFIX the target group asks below it: /healthz is a page of the app then', () => {
  const environment = [{ name: 'HEALTH_PREFIX', value: '/_gatehouse' }]
  const service = serviceOf(pair({}, { environment }))
  for (const text of [commands(service), terraform(service), serviceText(service)]) {
    assert.match(text, /\/_gatehouse\/healthz/)
    assert.doesNotMatch(text, /[ "]\/healthz/)
  }
})

test("the load balancer's idle timeout lies between the slowest API and KEEP_ALIVE_TIMEOUT", () => {
  const idleWith = (env: Record<string, string>) => {
    const { service } = convert(pair({}, { memory: 256 }), { env })
    return service && /idle timeout above .*/.exec(serviceText(service))?.[0]
  }
  assert.equal(idleWith({}), 'idle timeout above 55 s and below 75 s (60 s is its default)')
  const long = { BACKEND_TIMEOUT: '300s' }
  assert.match(String(idleWith(long)), /above 300 s.+--env KEEP_ALIVE_TIMEOUT=330s/)
  assert.match(String(idleWith({ ...long, KEEP_ALIVE_TIMEOUT: '330s' })), /above 300 s and below 330 s/)
})

test('on EC2 with a bridge the target group is of instances, and there is no network to give', () => {
  assert.match(commands(BRIDGE), /--target-type instance/)
  assert.match(commands(BRIDGE), /--launch-type EC2 \\/)
  assert.match(terraform(BRIDGE), /target_type {10}= "instance"/)
  assert.doesNotMatch(commands(BRIDGE), /security.group/)
  assert.match(commands(BRIDGE), /run-task .* --launch-type EC2 \\\n {2}--overrides/)
  const awsvpc = serviceOf(pair({}, { memory: 256 }))
  assert.match(commands(awsvpc), /--launch-type EC2 --network-configuration "\$NETWORK"/)
})

test('weights are given to the forward action alone: a login by OIDC before it, and the stickiness, stay', () => {
  const [weights = ''] = /^weights\(\) \{\n[\s\S]*?^\}$/m.exec(commands(FARGATE)) ?? []
  const oidc = { Issuer: 'https://idp.example', ClientId: 'x' }
  const sticky = { TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 } }
  const given = (actions: unknown) => {
    // in place of AWS: it says what the rule has, or what it is given
    const script = `aws() { if [ "$2" = describe-rules ]; then echo "$RULES"; else echo "\${@: -1}"; fi; }
${weights}
RULE=rule OLD=old NEW=new
weights 95 5`
    const options = { encoding: 'utf8', env: { ...process.env, RULES: JSON.stringify(actions) } } as const
    return spawnSync('bash', ['-c', script], options).stdout
  }
  const groups = [
    { TargetGroupArn: 'old', Weight: 95 },
    { TargetGroupArn: 'new', Weight: 5 },
  ]
  assert.deepEqual(JSON.parse(given([{ Type: 'forward', TargetGroupArn: 'old', Order: 1 }])), [
    { Type: 'forward', Order: 1, ForwardConfig: { TargetGroups: groups } },
  ])
  const all = [
    { Type: 'authenticate-oidc', AuthenticateOidcConfig: oidc, Order: 1 },
    { Type: 'forward', Order: 2, ForwardConfig: { TargetGroups: [{ TargetGroupArn: 'old' }], ...sticky } },
  ]
  assert.deepEqual(JSON.parse(given(all)), [
    { ...all[0], AuthenticateOidcConfig: { ...oidc, UseExistingClientSecret: true } },
    { ...all[1], ForwardConfig: { TargetGroups: groups, ...sticky } },
  ])
  // no rule was found: nothing is changed
  assert.equal(given(undefined), '')
})

test('the target group asks at the port of the traffic: a port that was fixed for Nginx has nobody behind it', () => {
  assert.equal(commands(FARGATE).match(/create-target-group/g)?.length, 1)
  assert.equal(commands(FARGATE).match(/--health-check-port traffic-port/g)?.length, 4)
  assert.match(terraform(FARGATE), /port {16}= "traffic-port"/)
})

test('the way back restores all of the health check that the way there changes', () => {
  const [, there = '', back = ''] =
    /^## In place$([\s\S]*)^Back([\s\S]*)^## By weights$/m.exec(commands(FARGATE)) ?? []
  const [, saved = ''] =
    /--query 'TargetGroups\[0\]\.\{(.*?)\}' --output json > health-check-before\.json$/m.exec(there) ?? []
  const fields = saved.split(',').map(pair => pair.split(':')[0])
  const changes = [...there.matchAll(/modify-target-group (.*)/g)].flatMap(([, options = '']) =>
    [...options.matchAll(/--([a-z-]+)/g)].map(([, option = '']) =>
      option.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    ),
  )
  assert.ok(changes.length > 8)
  for (const change of changes) assert.ok(fields.includes(change), change)
  assert.match(back, /^aws elbv2 modify-target-group --cli-input-json file:\/\/health-check-before\.json$/m)
})
