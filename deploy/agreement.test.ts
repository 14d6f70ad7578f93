import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { z } from 'zod'
import * as front from '../command/ecs/front.ts'
import { readConfig, SECRETS } from '../lib/settings/settings.ts'
import { convert, pair } from '../test/ecs/convert.ts'
import { Environment } from './lib/settings/parts.ts'
import * as times from './lib/times.ts'

/** Whether what is in this folder, a package of its own, fits the front: the app's own tests are in lib/. */
const read = (file: string) => readFile(new URL(file, import.meta.url), 'utf8')

const Resources = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.looseObject({}) })),
})

/** The properties of each resource of a type in the CloudFormation template, which is what the CDK app makes. */
async function propertiesOf(type: string) {
  const { Resources: all } = Resources.parse(JSON.parse(await read('cloudformation/gatehouse.json')))
  return Object.values(all).flatMap(({ Type, Properties }) => (Type === type ? [Properties] : []))
}

const Container = z.object({
  User: z.string(),
  Environment: z.array(z.object({ Name: z.string(), Value: z.unknown() })),
  HealthCheck: z.object({
    Command: z.array(z.string()),
    Interval: z.number(),
    Timeout: z.number(),
    Retries: z.number(),
    StartPeriod: z.object({ Ref: z.literal('StartSeconds') }),
  }),
  PortMappings: z.tuple([z.looseObject({ ContainerPort: z.number() })]),
  ReadonlyRootFilesystem: z.boolean(),
  StopTimeout: z.number(),
})

async function container() {
  const [task] = await propertiesOf('AWS::ECS::TaskDefinition')
  return z.object({ ContainerDefinitions: z.tuple([Container]) }).parse(task).ContainerDefinitions[0]
}

/** What a person gives as parameters, for variables whose value is made of them. */
const GIVEN: Readonly<Record<string, string>> = {
  BACKEND_ORIGIN: 'https://api.dev.jp',
  BACKEND_PATHS: '/user/login',
  PAGE_WORKERS: '1',
  TRUSTED_PROXIES: '10.0.0.0/24,10.0.1.0/24',
  LOG_LEVEL: 'info',
}

async function config() {
  const { Environment } = await container()
  const value = (name: string, text: unknown) => (typeof text === 'string' ? text : GIVEN[name])
  return readConfig(Object.fromEntries(Environment.map(({ Name, Value }) => [Name, value(Name, Value)])))
}

test('Gatehouse starts with the environment of the task definition, and listens where the public ALB asks', async () => {
  const { PORT, HOST, ADMIN_HOST, METRICS } = await config()
  const { PortMappings } = await container()
  assert.deepEqual(
    { PORT, HOST, ADMIN_HOST, METRICS },
    { PORT: PortMappings[0].ContainerPort, HOST: '0.0.0.0', ADMIN_HOST: '127.0.0.1', METRICS: 'emf' },
  )
})

test('what the front takes for a secret is refused in the plain environment, by the settings file and by the module', async () => {
  const validations = await read('terraform/variables.tf')
  assert.ok(SECRETS.length > 1)
  for (const name of SECRETS) {
    const [mistake, ...more] =
      Environment.safeParse({ [name]: 'X-Secret: 0123456789abcdef0123456789abcdef' }).error?.issues ?? []
    assert.match(String(mistake?.message), /set under secrets/)
    assert.deepEqual(more, [])
    assert.match(validations, RegExp(`"${String(name)}"`))
  }
})

test('ECS waits longer than the front takes to stop', async () => {
  const { STOP_DELAY, STOP_TIMEOUT } = await config()
  const { StopTimeout } = await container()
  assert.ok(StopTimeout * 1000 > STOP_DELAY + STOP_TIMEOUT + 2000)
})

test('the task definition says of the image what the image says of itself', async () => {
  const dockerfile = await read('../Dockerfile')
  const { User, HealthCheck, PortMappings } = await container()
  const said = (instruction: RegExp) => instruction.exec(dockerfile)?.[1]
  const command: unknown = JSON.parse(said(/^HEALTHCHECK .*CMD (\[.*\])$/m) ?? '[]')
  assert.deepEqual(['CMD', command].flat(), HealthCheck.Command)
  assert.equal(said(/^USER (\S+)$/m), User)
  assert.equal(said(/^EXPOSE (\d+)$/m), String(PortMappings[0].ContainerPort))
})

test('`gatehouse ecs` makes of a task definition what the CDK app has: user, root, health check, port, times', async () => {
  const { User, ReadonlyRootFilesystem, StopTimeout, HealthCheck, PortMappings } = await container()
  const made = convert(pair()).container('app')
  const [mapping] = made.portMappings ?? []
  assert.deepEqual(
    [made.user, made.readonlyRootFilesystem, made.stopTimeout, mapping?.containerPort],
    [User, ReadonlyRootFilesystem, StopTimeout, PortMappings[0].ContainerPort],
  )
  const { Command: command, Interval, Timeout, Retries } = HealthCheck
  assert.deepEqual(made.healthCheck, {
    command,
    interval: Interval,
    timeout: Timeout,
    retries: Retries,
    startPeriod: times.START_SECONDS,
  })
})

test('`gatehouse ecs` and the CDK app have the same bounds of the time to start, and the same idle timeout of an ALB', () => {
  const { START_SECONDS, MOST_START_SECONDS, IDLE_SECONDS } = times
  assert.deepEqual(
    [front.START_SECONDS, front.MOST_START_SECONDS, front.IDLE_SECONDS],
    [START_SECONDS, MOST_START_SECONDS, IDLE_SECONDS],
  )
})

test('`gatehouse ecs` says of the service and its target group what the CDK app has', async () => {
  const [service] = await propertiesOf('AWS::ECS::Service')
  const [group] = await propertiesOf('AWS::ElasticLoadBalancingV2::TargetGroup')
  const deployment = z.looseObject({}).parse(service?.DeploymentConfiguration)
  const { deploymentCircuitBreaker, ...percents } = front.DEPLOYMENT
  assert.deepEqual(
    { minimumHealthyPercent: deployment.MinimumHealthyPercent, maximumPercent: deployment.MaximumPercent },
    percents,
  )
  assert.deepEqual(deployment.DeploymentCircuitBreaker, {
    Enable: deploymentCircuitBreaker.enable,
    Rollback: deploymentCircuitBreaker.rollback,
  })
  const { path, matcher, interval, timeout, healthy, unhealthy } = front.TARGET_HEALTH
  const { HealthCheckPath, Matcher, HealthCheckIntervalSeconds, HealthCheckTimeoutSeconds } = group ?? {}
  assert.deepEqual(
    [HealthCheckPath, Matcher, HealthCheckIntervalSeconds, HealthCheckTimeoutSeconds],
    [path, { HttpCode: matcher }, interval, timeout],
  )
  assert.deepEqual([group?.HealthyThresholdCount, group?.UnhealthyThresholdCount], [healthy, unhealthy])
  const made = convert(pair()).service
  // the template has a parameter there, with the app's default
  assert.deepEqual(service?.HealthCheckGracePeriodSeconds, { Ref: 'StartSeconds' })
  assert.equal(made?.startSeconds, times.START_SECONDS)
  assert.deepEqual(z.array(z.looseObject({})).parse(group?.TargetGroupAttributes)[0], {
    Key: 'deregistration_delay.timeout_seconds',
    Value: String(made?.deregistrationDelay),
  })
  assert.deepEqual([group?.Port, group?.TargetType], [made?.port, made?.targetType])
})
