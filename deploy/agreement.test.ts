import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { type TestContext, test } from 'node:test'
import { z } from 'zod'
import * as front from '../command/ecs/front.ts'
import { createReport } from '../lib/observe/emf.ts'
import { createHistory } from '../lib/observe/history.ts'
import { RESULTS } from '../lib/observe/outcome.ts'
import { readConfig, SECRETS } from '../lib/settings/settings.ts'
import { convert, pair } from '../test/ecs/convert.ts'
import { stage } from '../test/stage.ts'
import { resolve } from './lib/intrinsic.ts'
import { LOGINS } from './lib/logins.ts'
import { parseOrigin } from './lib/parse.ts'
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

const Template = z.object({
  Conditions: z.record(z.string(), z.json()),
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.record(z.string(), z.json()) })),
})
const Metric = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })),
})
const Alarm = z.object({
  AlarmDescription: z.string(),
  Metrics: z.array(z.object({ MetricStat: z.object({ Metric }).optional() })).optional(),
})

/** The alarms of the CloudFormation template as they are with these parameters. */
async function alarms(parameters: Record<string, string>) {
  const { Conditions: conditions, Resources } = Template.parse(
    JSON.parse(await read('cloudformation/gatehouse.json')),
  )
  return Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties }) => {
      const { AlarmDescription, MetricName, Namespace, Dimensions, Metrics } = Properties
      const found = Object.entries({ AlarmDescription, MetricName, Namespace, Dimensions, Metrics })
      const given = Object.fromEntries(
        found.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
      )
      const alarm = resolve(given, { parameters, conditions })
      const { success, data } = Metric.safeParse(alarm)
      const { AlarmDescription: text, Metrics: queries = [] } = Alarm.parse(alarm)
      const metrics = queries.flatMap(({ MetricStat }) => MetricStat?.Metric ?? [])
      return { text, metrics: success ? [data] : metrics }
    })
}

const PARAMETERS = {
  BackendOrigin: 'https://api.dev.jp',
  Name: 'gatehouse',
  EnvironmentName: 'production',
  Docs: 'docs',
}

/** What METRICS=emf says of a front with these settings. */
async function report(t: TestContext, env: Record<string, string>) {
  const { lifecycle, backends } = await stage(t)
  const config = readConfig(env)
  return createReport({ config, lifecycle, backends, workers: () => [], history: createHistory() })()
}

test('METRICS=emf has every metric that an alarm asks for', async t => {
  const { _aws } = await report(t, { BACKEND_ORIGIN: 'https://api.dev.jp' })
  const known = _aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name))
  // a list that is empty is left out of a report: nobody has logged in here
  known.push('LoginP50', 'LoginP99')
  const asked = (await alarms(PARAMETERS)).flatMap(({ metrics }) => metrics)
  const own = asked.filter(({ Namespace }) => Namespace === 'Gatehouse')
  assert.ok(own.length >= 20)
  for (const { MetricName } of own) assert.ok(known.includes(MetricName), MetricName)
})

test('the alarms know of every way in which a login ends', () => {
  const known: readonly string[] = Object.values(LOGINS).flat()
  for (const result of RESULTS) {
    const name = `Logins${result.charAt(0).toUpperCase()}${result.slice(1)}`
    assert.ok(known.includes(name), name)
  }
})

for (const origin of [
  'https://api.dev.jp',
  'https://api.dev.jp:443',
  'https://api.dev.jp:8443',
  'https://api.dev.jp:4430',
  'http://api.dev.jp',
  'http://api.dev.jp:80',
  'http://api.dev.jp:443',
  'https://api.dev.jp:80',
  'https://10.0.8.10',
]) {
  test(`an alarm watches the series that the front reports with BACKEND_ORIGIN=${origin}`, async t => {
    const env = { BACKEND_ORIGIN: origin, SERVICE_NAME: 'shop', SERVICE_ENVIRONMENT: 'staging' }
    const { Service, Environment, Backend } = await report(t, env)
    const parameters = { ...PARAMETERS, BackendOrigin: origin, Name: 'shop', EnvironmentName: 'staging' }
    const asked = (await alarms(parameters)).flatMap(({ metrics }) => metrics)
    for (const { Dimensions } of asked.filter(({ Namespace }) => Namespace === 'Gatehouse')) {
      const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]))
      assert.deepEqual(dimensions, { Service, Environment, Backend })
    }
    assert.equal(parseOrigin(origin)?.host, Backend)
  })
}

test('every alarm leads to a section of the runbook that is there', async () => {
  const runbook = await read('../docs/runbook.md')
  const sections = [...runbook.matchAll(/^## (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(' ', '-')
      .replace(/[^\w-]/g, ''),
  )
  const all = await alarms(PARAMETERS)
  assert.ok(all.length >= 14)
  for (const { text } of all) {
    const [, section = ''] = /docs\/runbook\.md#([\w-]+) /.exec(text) ?? []
    assert.ok(sections.includes(section), `${text}: ${section} in ${sections}`)
  }
})
