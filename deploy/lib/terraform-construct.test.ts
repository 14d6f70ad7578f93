import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { variant } from '../test/example.ts'
import { bodyOf, Container, parsed, read } from '../test/terraform.ts'
import { MOST_START_SECONDS } from './times.ts'

/** Compared with what the construct makes at a listener that exists. */
const construct = variant('a listener and a cluster that exist')

const made = (type: string) => {
  const [found] = Object.values(construct.findResources(type))
  return z.record(z.string(), z.json()).parse(found?.Properties)
}

/** The default of a variable. */
const initial = (name: string) => parsed.find(({ variable }) => name in variable)?.variable[name]?.[0].default

test('the alarms are the construct’s: alarms.json has each with its metric math and what it does to a deployment', () => {
  const alarms = z
    .record(
      z.string(),
      z.looseObject({
        rolls_back: z.boolean(),
        queries: z.array(z.looseObject({ expression: z.string().nullable() })),
      }),
    )
    .parse(JSON.parse(read('alarms.json')))
  const theirs = Object.values(construct.findResources('AWS::CloudWatch::Alarm'))
  assert.deepEqual(
    Object.keys(alarms).sort(),
    theirs.map(({ Properties }) => String(Properties.AlarmName).replace('gatehouse-', '')).sort(),
  )
  for (const { Properties } of theirs) {
    const { queries } = alarms[String(Properties.AlarmName).replace('gatehouse-', '')] ?? { queries: [] }
    const expressions = (Properties.Metrics ?? []).flatMap(
      ({ Expression }: { Expression?: string }) => Expression ?? [],
    )
    assert.deepEqual(
      queries.flatMap(({ expression }) => expression ?? []),
      expressions,
    )
  }
  const gate = Object.keys(alarms).filter(name => alarms[name]?.rolls_back)
  assert.deepEqual(gate, ['LoginsFail', 'LoginsAllFail', 'LoginsMisrouted', 'NoAddress', 'Tasks5xx'])
})

test('the task is the construct’s: user, root, capabilities, health check, log, environment', () => {
  const { container, environment } = Container.parse(
    Object.assign({}, ...parsed.flatMap(({ locals }) => locals)),
  )
  const [theirs] = z
    .array(z.record(z.string(), z.json()))
    .parse(made('AWS::ECS::TaskDefinition').ContainerDefinitions)
  assert.ok(theirs)
  const asApi = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(asApi)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key.charAt(0).toLowerCase() + key.slice(1), asApi(each)]),
    )
  }
  const own: Record<string, unknown> = {
    ...container,
    healthCheck: { ...z.looseObject({}).parse(container.healthCheck), startPeriod: initial('start_seconds') },
  }
  for (const key of [
    'name',
    'user',
    'essential',
    'readonlyRootFilesystem',
    'linuxParameters',
    'healthCheck',
  ] as const)
    assert.deepEqual(asApi(theirs[`${key.charAt(0).toUpperCase()}${key.slice(1)}`]), own[key], key)
  const names = z.array(z.object({ Name: z.string() })).parse(theirs.Environment)
  for (const { Name } of names) assert.match(environment, RegExp(`\\b${Name}\\b`))
  const { options } = z
    .object({ options: z.record(z.string(), z.string()) })
    .parse(container.logConfiguration)
  const log = z
    .looseObject({ Options: z.record(z.string(), z.json()) })
    .parse(theirs.LogConfiguration).Options
  assert.equal(options.mode, log.mode)
  const [, mebibytes] = /^(\d+)m$/.exec(options['max-buffer-size'] ?? '') ?? []
  assert.equal(`${Number(mebibytes) * 2 ** 20}b`, log['max-buffer-size'])
})

test('variables have the construct’s values by default: sizes, times, tasks', () => {
  const task = made('AWS::ECS::TaskDefinition')
  const [container] = z.array(z.looseObject({ StopTimeout: z.number() })).parse(task.ContainerDefinitions)
  const attributes = JSON.stringify(made('AWS::ElasticLoadBalancingV2::TargetGroup').TargetGroupAttributes)
  const target = made('AWS::ApplicationAutoScaling::ScalableTarget')
  assert.deepEqual(
    ['cpu', 'memory', 'stop_timeout', 'least_tasks', 'most_tasks', 'log_days'].map(initial),
    [
      task.Cpu,
      task.Memory,
      container?.StopTimeout,
      target.MinCapacity,
      target.MaxCapacity,
      made('AWS::Logs::LogGroup').RetentionInDays,
    ].map(Number),
  )
  assert.match(
    attributes,
    RegExp(`deregistration_delay.timeout_seconds","Value":"${initial('deregistration_delay')}"`),
  )
})

test('the time to start is one variable, of the container and of the service, and no more than ECS takes', () => {
  const { container } = Container.parse(Object.assign({}, ...parsed.flatMap(({ locals }) => locals)))
  const variable = `\${var.start_seconds}`
  assert.equal(z.looseObject({}).parse(container.healthCheck).startPeriod, variable)
  assert.equal(bodyOf('aws_ecs_service').health_check_grace_period_seconds, variable)
  const found = parsed.find(({ variable }) => 'start_seconds' in variable)?.variable.start_seconds?.[0]
  assert.match(JSON.stringify(found?.validation), RegExp(`var\\.start_seconds <= ${MOST_START_SECONDS} `))
})

test('the target group and the service are the construct’s', () => {
  const group = made('AWS::ElasticLoadBalancingV2::TargetGroup')
  const { health_check: checks, ...target } = bodyOf('aws_lb_target_group')
  assert.deepEqual(z.array(z.unknown()).parse(checks)[0], {
    // with the prefix that the environment has, as the construct's
    path: `\${try(trimspace(var.environment["HEALTH_PREFIX"]), "")}${group.HealthCheckPath}`,
    matcher: z.object({ HttpCode: z.string() }).parse(group.Matcher).HttpCode,
    interval: group.HealthCheckIntervalSeconds,
    timeout: group.HealthCheckTimeoutSeconds,
    healthy_threshold: group.HealthyThresholdCount,
    unhealthy_threshold: group.UnhealthyThresholdCount,
  })
  assert.deepEqual([target.protocol, target.target_type], [group.Protocol, group.TargetType])
  const service = made('AWS::ECS::Service')
  const deployment = z
    .looseObject({ DeploymentCircuitBreaker: z.object({ Enable: z.boolean(), Rollback: z.boolean() }) })
    .parse(service.DeploymentConfiguration)
  const own = bodyOf('aws_ecs_service')
  assert.deepEqual(
    [own.deployment_minimum_healthy_percent, own.deployment_maximum_percent, initial('start_seconds')],
    [deployment.MinimumHealthyPercent, deployment.MaximumPercent, service.HealthCheckGracePeriodSeconds],
  )
  const { Enable: enable, Rollback: rollback } = deployment.DeploymentCircuitBreaker
  assert.deepEqual(own.deployment_circuit_breaker, [{ enable, rollback }])
  assert.equal(own.availability_zone_rebalancing, service.AvailabilityZoneRebalancing)
})

test('the tasks grow with the construct’s metrics, at its targets', () => {
  const [scaling] = parsed.flatMap(({ locals }) => locals.flatMap(each => each.scaling ?? []))
  const own = z.record(z.string(), z.object({ metric: z.string(), target: z.number() })).parse(scaling)
  const theirs = Object.values(construct.findResources('AWS::ApplicationAutoScaling::ScalingPolicy')).map(
    ({ Properties }) => {
      const {
        PredefinedMetricSpecification: metric,
        TargetValue,
        CustomizedMetricSpecification,
      } = Properties.TargetTrackingScalingPolicyConfiguration
      assert.equal(CustomizedMetricSpecification, undefined)
      return `${metric.PredefinedMetricType} ${TargetValue}`
    },
  )
  assert.deepEqual(
    Object.values(own)
      .map(({ metric, target }) => `${metric} ${target}`)
      .sort(),
    theirs.sort(),
  )
})

test('where the image has gatehouse.config.ts, BACKEND_ORIGIN is not set, as with the construct', () => {
  const { environment } = Container.parse(Object.assign({}, ...parsed.flatMap(({ locals }) => locals)))
  assert.match(environment, /var\.routes_in_image \? \{\} : \{ BACKEND_ORIGIN = var\.backend_origin \}/)
})
