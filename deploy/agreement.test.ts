import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { z } from 'zod'
import { DEPLOYMENT, GRACE_SECONDS, TARGET_HEALTH } from '../command/ecs/front.ts'
import { createReport } from '../lib/observe/emf.ts'
import { createHistory } from '../lib/observe/history.ts'
import { readConfig } from '../lib/settings/settings.ts'
import { convert, pair } from '../test/ecs/convert.ts'
import { stage } from '../test/stage.ts'

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
    StartPeriod: z.number(),
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
  const { Command: command, Interval, Timeout, Retries, StartPeriod } = HealthCheck
  assert.deepEqual(made.healthCheck, {
    command,
    interval: Interval,
    timeout: Timeout,
    retries: Retries,
    startPeriod: StartPeriod,
  })
})

test('`gatehouse ecs` says of the service and its target group what the CDK app has', async () => {
  const [service] = await propertiesOf('AWS::ECS::Service')
  const [group] = await propertiesOf('AWS::ElasticLoadBalancingV2::TargetGroup')
  assert.equal(service?.HealthCheckGracePeriodSeconds, GRACE_SECONDS)
  const deployment = z.looseObject({}).parse(service?.DeploymentConfiguration)
  const { deploymentCircuitBreaker, ...percents } = DEPLOYMENT
  assert.deepEqual(
    { minimumHealthyPercent: deployment.MinimumHealthyPercent, maximumPercent: deployment.MaximumPercent },
    percents,
  )
  assert.deepEqual(deployment.DeploymentCircuitBreaker, {
    Enable: deploymentCircuitBreaker.enable,
    Rollback: deploymentCircuitBreaker.rollback,
  })
  const { path, matcher, interval, timeout, healthy, unhealthy } = TARGET_HEALTH
  const { HealthCheckPath, Matcher, HealthCheckIntervalSeconds, HealthCheckTimeoutSeconds } = group ?? {}
  assert.deepEqual(
    [HealthCheckPath, Matcher, HealthCheckIntervalSeconds, HealthCheckTimeoutSeconds],
    [path, { HttpCode: matcher }, interval, timeout],
  )
  assert.deepEqual([group?.HealthyThresholdCount, group?.UnhealthyThresholdCount], [healthy, unhealthy])
  const made = convert(pair()).service
  assert.deepEqual(z.array(z.looseObject({})).parse(group?.TargetGroupAttributes)[0], {
    Key: 'deregistration_delay.timeout_seconds',
    Value: String(made?.deregistrationDelay),
  })
  assert.deepEqual([group?.Port, group?.TargetType], [made?.port, made?.targetType])
})

const Metric = z.object({ Namespace: z.string(), MetricName: z.string() })
/** One metric, or several that an expression is made of. */
const Alarm = z.object({
  AlarmDescription: z.string(),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Metrics: z.array(z.object({ MetricStat: z.object({ Metric }).optional() })).default([]),
})

/** What each alarm says, and the metrics that it asks for. */
async function alarms() {
  return (await propertiesOf('AWS::CloudWatch::Alarm')).map(each => {
    const { AlarmDescription, Metrics, ...one } = Alarm.parse(each)
    const several = Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? [])
    return { AlarmDescription, metrics: several.length > 0 ? several : [Metric.parse(one)] }
  })
}

test('METRICS=emf has every metric that an alarm asks for', async t => {
  const { config, life, backend, tally } = await stage(t)
  const workers = () => []
  const state = {
    config,
    life,
    backend,
    tallies: { login: tally, egress: tally },
    workers,
    history: createHistory(),
  }
  const { _aws } = createReport(state)()
  const known = _aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name))
  // a list that is empty is left out of a report: nobody has logged in here
  known.push('LoginP50', 'LoginP99')
  const asked = (await alarms())
    .flatMap(({ metrics }) => metrics)
    .filter(({ Namespace }) => Namespace === 'Gatehouse')
  assert.ok(asked.length >= 8)
  for (const { MetricName } of asked) assert.ok(known.includes(MetricName), MetricName)
})

test('every alarm leads to a section of the runbook that is there', async () => {
  const runbook = await read('../docs/runbook.md')
  const sections = [...runbook.matchAll(/^## (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(' ', '-')
      .replace(/[^\w-]/g, ''),
  )
  const links = (await alarms()).flatMap(
    ({ AlarmDescription }) => /runbook\.md#([\w-]+)/.exec(AlarmDescription)?.[1] ?? [],
  )
  assert.ok(links.length >= 9)
  for (const link of links) assert.ok(sections.includes(link), `${link} in ${sections}`)
})
