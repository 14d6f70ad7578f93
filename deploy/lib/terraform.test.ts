import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from '@cdktf/hcl2json'
import { z } from 'zod'
import { variant } from '../test/example.ts'
import { ADMIN_PORT } from './load-balancer.ts'
import { SET_ELSEWHERE } from './settings/parts.ts'
import { MOST_START_SECONDS } from './times.ts'

const FOLDER = fileURLToPath(new URL('../terraform/', import.meta.url))
const FILES = globSync('*.tf', { cwd: FOLDER })
const read = (file: string) => readFileSync(`${FOLDER}${file}`, 'utf8')

/** `{ [type]: { [name]: [body] } }`, as hcl2json gives it. */
const Body = z.record(z.string(), z.unknown())
const Named = z.record(z.string(), z.record(z.string(), z.tuple([Body])))
const Module = z.object({
  resource: Named.default({}),
  data: Named.default({}),
  variable: z.record(z.string(), z.tuple([Body])).default({}),
  locals: z.array(Body).default([]),
})
const parsed = await Promise.all(FILES.map(async file => Module.parse(await parse(file, read(file)))))

const resources = parsed.flatMap(({ resource }) =>
  Object.entries(resource).flatMap(([type, byName]) =>
    Object.entries(byName).map(([name, [body]]) => ({ type, name, body })),
  ),
)
const bodyOf = (type: string, name = 'this') => {
  const found = resources.find(each => each.type === type && each.name === name)
  assert.ok(found, `${type}.${name}`)
  return found.body
}

type Block = { readonly [name: string]: { readonly required?: true; readonly block?: Block } }
const Attributes: z.ZodType<Block> = z.lazy(() =>
  z.record(z.string(), z.object({ required: z.literal(true).optional(), block: Attributes.optional() })),
)
const schema = z
  .object({ provider: z.string(), resources: z.record(z.string(), Attributes) })
  .parse(JSON.parse(read('provider-schema.json')))

/** What Terraform itself takes in every resource. */
const META = ['for_each', 'count', 'depends_on', 'lifecycle', 'provider']

const Dynamic = z.record(z.string(), z.tuple([z.looseObject({ content: z.tuple([Body]) })]))

/** The blocks of a body that are made by `dynamic` beside those that are written out. */
function blocksOf({ dynamic, ...body }: z.output<typeof Body>): z.output<typeof Body> {
  const made = Dynamic.parse(dynamic ?? {})
  return {
    ...body,
    ...Object.fromEntries(Object.entries(made).map(([name, [{ content }]]) => [name, content])),
  }
}

/** What the schema does not know, and what it requires and is not there. */
function mistakes(body: z.output<typeof Body>, block: Block, path: string): string[] {
  const given = blocksOf(body)
  const missing = Object.entries(block)
    .filter(([name, { required }]) => required && !(name in given))
    .map(([name]) => `${path}.${name} is missing`)
  const found = Object.entries(given).flatMap(([name, value]) => {
    const known = block[name]
    if (!known) return [`${path}.${name} is unknown`]
    if (!known.block) return []
    return z
      .array(Body)
      .parse(value)
      .flatMap(each => mistakes(each, known.block ?? {}, `${path}.${name}`))
  })
  return [...missing, ...found]
}

const withoutMeta = (body: z.output<typeof Body>) =>
  Object.fromEntries(Object.entries(body).filter(([name]) => !META.includes(name)))

for (const { type, name, body } of resources) {
  test(`${type}.${name} has what version ${schema.provider} of the AWS provider requires, and nothing that it does not know`, () => {
    const block = schema.resources[type]
    assert.ok(block, `${type}: npm run provider-schema`)
    assert.deepEqual(mistakes(withoutMeta(body), block, type), [])
  })
}

test('a misspelt attribute, block or an attribute that is missing would be found', () => {
  const block = schema.resources.aws_lb_target_group ?? {}
  const body = { prot: 4000, health_check: [{ paht: '/healthz' }] }
  assert.deepEqual(mistakes(body, block, 'x'), ['x.prot is unknown', 'x.health_check.paht is unknown'])
  assert.deepEqual(mistakes({}, schema.resources.aws_sns_topic_policy ?? {}, 'x'), [
    'x.arn is missing',
    'x.policy is missing',
  ])
})

const text = FILES.map(read).join('\n')
const variables = parsed.flatMap(({ variable }) => Object.keys(variable))
const locals = parsed.flatMap(({ locals }) => locals.flatMap(Object.keys))
const used = (kind: string) =>
  new Set([...text.matchAll(RegExp(`\\b${kind}\\.(\\w+)`, 'g'))].map(([, name = '']) => name))

test('each variable and local that is used is declared, and each that is declared is used', () => {
  assert.deepEqual([...used('var')].sort(), variables.sort())
  assert.deepEqual([...used('local')].sort(), locals.sort())
})

test('each resource and data source that is referred to is there', () => {
  const data = parsed.flatMap(({ data }) =>
    Object.entries(data).flatMap(([type, byName]) => Object.keys(byName).map(name => `data.${type}.${name}`)),
  )
  const known = [...resources.map(({ type, name }) => `${type}.${name}`), ...data]
  const references = [...text.matchAll(/\b((?:data\.)?aws_\w+\.\w+)/g)].map(([, each = '']) => each)
  assert.ok(references.length > 30)
  for (const each of references) assert.ok(known.includes(each), each)
})

/** An expression with what its locals are put in their place. */
function expanded(expression: string): string {
  const all = parsed.flatMap(({ locals }) => locals)
  return expression.replace(/\blocal\.(\w+)/g, (_, name: string) => {
    const value = all.find(each => name in each)?.[name]
    return expanded(JSON.stringify(value))
  })
}

test('how many there are of a resource is known before anything is made: Terraform refuses to plan it otherwise', () => {
  const counted = resources.flatMap(({ type, name, body }) =>
    ['for_each', 'count'].flatMap(key =>
      key in body ? [{ id: `${type}.${name}`, by: String(body[key]) }] : [],
    ),
  )
  assert.ok(counted.length >= 4)
  for (const { id, by } of counted) {
    assert.doesNotMatch(expanded(by), /\b(data\.)?aws_/, id)
    // of a value that is made in the same run it is unknown whether it is null; the length of a list is known
    assert.doesNotMatch(by, /null/, id)
  }
})

test('a dimension of an alarm is one value of the module', () => {
  const Dimensions = z.record(
    z.string(),
    z.object({
      queries: z.array(
        z.object({ metric: z.object({ dimensions: z.record(z.string(), z.string()) }).nullable() }),
      ),
    }),
  )
  const all = Object.values(Dimensions.parse(JSON.parse(read('alarms.json'))))
  const values = all.flatMap(({ queries }) =>
    queries.flatMap(({ metric }) => Object.values(metric?.dimensions ?? {})),
  )
  assert.ok(values.length > 20)
  for (const each of values) assert.match(each, /^\$\{\w+\}$/)
})

test('alarms.json and dashboard.json ask for no more than the module gives them', () => {
  const values = Object.keys(
    z
      .record(z.string(), z.unknown())
      .parse(parsed.flatMap(({ locals }) => locals).find(each => 'values' in each)?.values),
  )
  for (const file of ['alarms.json', 'dashboard.json']) {
    const asked = new Set([...read(file).matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name))
    assert.ok(asked.size > 5)
    for (const name of asked) assert.ok(values.includes(name), `${file}: ${name}`)
    JSON.parse(read(file))
  }
})

/** Compared with what the construct makes at a listener that exists. */
const construct = variant('a listener and a cluster that exist')
const made = (type: string) => {
  const [found] = Object.values(construct.findResources(type))
  return z.record(z.string(), z.json()).parse(found?.Properties)
}

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

/** The default of a variable. */
const initial = (name: string) => parsed.find(({ variable }) => name in variable)?.variable[name]?.[0].default

const Container = z.looseObject({ container: z.record(z.string(), z.unknown()), environment: z.string() })

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

test('the admin listener is opened as the construct does it: with a token alone, at its port, for groups that are named', () => {
  const { environment } = Container.parse(Object.assign({}, ...parsed.flatMap(({ locals }) => locals)))
  assert.match(
    environment,
    /contains\(keys\(var\.secrets\), "ADMIN_TOKEN"\) \? \{ ADMIN_HOST = "0\.0\.0\.0" \}/,
  )
  const { lifecycle, ...rule } = bodyOf('aws_vpc_security_group_ingress_rule', 'admin')
  assert.match(JSON.stringify(lifecycle), /precondition.*contains\(keys\(var\.secrets\), \\"ADMIN_TOKEN\\"\)/)
  assert.equal(rule.from_port, `\${local.admin_port}`)
  for (const key of ['referenced_security_group_id', 'cidr_ipv4'])
    assert.match(String(rule[key]), /startswith\(var\.admin_clients\[count\.index\], "sg-"\)/)
  const [port] = parsed.flatMap(({ locals }) => locals.flatMap(each => each.admin_port ?? []))
  assert.equal(port, ADMIN_PORT)
})

test('the tasks reach what the construct lets them reach: the API, AWS, `reach` and a resolver of one’s own', () => {
  const rules = resources
    .filter(({ type }) => type === 'aws_vpc_security_group_egress_rule')
    .map(({ name, body }) => [name, body.count, body.from_port])
  assert.deepEqual(rules, [
    ['aws', undefined, 443],
    ['backend', `\${length(var.backend_security_group_ids)}`, `\${local.backend_port}`],
    ['backend_range', `\${length(var.backend_ranges)}`, `\${local.backend_port}`],
    ['reach', `\${length(var.reach)}`, `\${var.reach[count.index].port}`],
    [
      'resolver',
      `\${2 * length(local.own_resolvers)}`,
      `\${local.own_resolvers[floor(count.index / 2)].port}`,
    ],
  ])
})

test('an origin at another port than 443 needs a group or a range, or stands in reach, as in the settings file: no task would reach it', () => {
  const { lifecycle } = bodyOf('aws_security_group', 'tasks')
  assert.match(
    JSON.stringify(lifecycle),
    /local\.backend_port == 443 \|\| length\(var\.backend_security_group_ids\) \+ length\(var\.backend_ranges\) > 0 \|\| contains\(var\.reach\[\*\]\.port, local\.backend_port\)/,
  )
})

test('a variable of the environment that is null is as one that is not there, which most functions refuse', () => {
  const uses = text.split('\n').filter(line => /var\.environment\[|lookup\(var\.environment/.test(line))
  assert.ok(uses.length >= 3)
  for (const each of uses)
    assert.doesNotMatch(each.replace(/try\((?:\w+\(.*?)?var\.environment\["\w+"\]/g, ''), /var\.environment/)
  const { container } = Container.parse(Object.assign({}, ...parsed.flatMap(({ locals }) => locals)))
  assert.match(String(container.environment), /if value != null\]/)
})

test('the execution role pulls from the repository of the image alone', () => {
  const { repository } = z
    .looseObject({ repository: z.string() })
    .parse(Object.assign({}, ...parsed.flatMap(({ locals }) => locals)))
  const [, pattern = ''] = /regex\("([^"]+)"/.exec(repository) ?? []
  const parts = (image: string) => RegExp(pattern).exec(image)?.slice(1)
  const registry = '111122223333.dkr.ecr.ap-northeast-1.amazonaws.com'
  const ours = ['111122223333', 'ap-northeast-1', 'team/gatehouse']
  assert.deepEqual(parts(`${registry}/team/gatehouse:1.0.0`), ours)
  assert.deepEqual(parts(`${registry}/team/gatehouse@sha256:00ff`), ours)
  assert.equal(parts('docker.io/library/node:26'), undefined)
  assert.match(
    read('roles.tf'),
    /:ecr:\$\{local\.repository\[1\]\}:\$\{local\.repository\[0\]\}:repository\/\$\{local\.repository\[2\]\}"/,
  )
})

test('no outbound rule is there twice, which AWS refuses; resolvers are found as the construct finds them', () => {
  const { lifecycle } = bodyOf('aws_vpc_security_group_egress_rule', 'reach')
  assert.match(JSON.stringify(lifecycle), /length\(distinct\(local\.reached\)\) == length\(local\.reached\)/)
  const { own_resolvers: own } = z
    .looseObject({ own_resolvers: z.string() })
    .parse(Object.assign({}, ...parsed.flatMap(({ locals }) => locals)))
  assert.match(own, /^\$\{distinct\(/)
  const [, pattern = ''] = /regexall\("([^"]+)"/.exec(own) ?? []
  const construct = readFileSync(new URL('security-group.ts', import.meta.url), 'utf8')
  assert.ok(pattern && construct.includes(`/${pattern.replaceAll('\\\\', '\\')}/g`), pattern)
})

test('what the settings file refuses in the environment is refused here as well: no task would be healthy, or no alarm would fire', () => {
  const [{ validation } = {}] = parsed.flatMap(({ variable }) => variable.environment ?? [])
  const Condition = z.looseObject({ condition: z.string() })
  const [{ condition }] = z.tuple([Condition], Condition).parse(validation)
  const names = [...condition.matchAll(/"([A-Z_]+)"/g)].map(([, name]) => name)
  assert.deepEqual(names.sort(), Object.keys(SET_ELSEWHERE).sort())
})
