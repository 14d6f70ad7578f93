import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { test } from 'node:test'
import { App } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { z } from 'zod'
import { exported } from './exported.ts'
import { resolve } from './intrinsic.ts'
import { readSettings } from './settings.ts'
import { createStack } from './stack.ts'
import { MOST_START_SECONDS, START_SECONDS } from './times.ts'

const fresh = exported()
const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')

for (const file of Object.keys(fresh)) {
  test(`${file} is what the app makes (npm run export)`, () => assert.equal(read(file), fresh[file]))
}

const EXAMPLE = read('settings/example.json')
const Tasks = z.record(
  z.string(),
  z.looseObject({ Properties: z.looseObject({ ContainerDefinitions: z.tuple([z.looseObject({})]) }) }),
)
const template = Template.fromJSON(JSON.parse(read('cloudformation/gatehouse.json')))

test('the template needs nothing of CDK in the account, and no file beside it', () => {
  const text = read('cloudformation/gatehouse.json')
  assert.doesNotMatch(text, /BootstrapVersion|cdk-hnb659fds|AssetParameters/)
})

test('the template names no account, region or zone, but for the accounts of ELB by region', () => {
  const { Mappings, ...rest } = template.toJSON()
  assert.ok(JSON.stringify(Mappings).includes('"ap-northeast-1":{"account":"582318560864"}'))
  assert.doesNotMatch(JSON.stringify(rest), /111122223333|ap-northeast|vpc-0|subnet-0/)
})

test('every parameter is used, and says what it is', () => {
  const { Parameters, ...rest } = z
    .looseObject({ Parameters: z.record(z.string(), z.object({ Description: z.string() })) })
    .parse(template.toJSON())
  const text = JSON.stringify(rest)
  for (const name of Object.keys(Parameters)) assert.ok(text.includes(`{"Ref":"${name}"}`), name)
})

/** A template in a request has at most so many bytes, one in S3 at most 1 MB (CloudFormation's quotas). */
const MOST_IN_REQUEST = 51_200
const MOST_IN_S3 = 1_000_000

for (const page of ['ecs.md', 'ecs.ja.md'])
  test(`${page}: its commands take the template by way of S3, which it is too large to do without, with all that it must be told`, () => {
    const docs = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8')
    const { size } = statSync(new URL('../cloudformation/gatehouse.json', import.meta.url))
    assert.ok(size < MOST_IN_S3)
    const [first = '', ...more] = docs.match(/^aws cloudformation deploy (?:.*\\\n)*.*$/gm) ?? []
    for (const each of [first, ...more]) assert.equal(each.includes('--s3-bucket'), size > MOST_IN_REQUEST)
    const { Parameters } = z
      .looseObject({ Parameters: z.record(z.string(), z.looseObject({ Default: z.json().optional() })) })
      .parse(template.toJSON())
    const given = [...first.matchAll(/\b([A-Z]\w+)=/g)].map(([, name = '']) => name)
    for (const name of given) assert.ok(name in Parameters, name)
    for (const [name, { Default }] of Object.entries(Parameters))
      assert.ok(Default !== undefined || given.includes(name), name)
  })

/** The variables of the task, and the ports that it may reach a security group at, with these parameters. */
function taskWith(parameters: Readonly<Record<string, string>>) {
  const { Conditions: conditions } = z
    .looseObject({ Conditions: z.record(z.string(), z.json()) })
    .parse(template.toJSON())
  const inForce = (value: z.core.util.JSONType) => resolve(value, { parameters, conditions })
  const [task] = Object.values(Tasks.parse(template.findResources('AWS::ECS::TaskDefinition')))
  const [container] = task?.Properties.ContainerDefinitions ?? []
  const variables = z
    .array(z.object({ Name: z.string(), Value: z.json() }))
    .parse(container?.Environment)
    .map(({ Name, Value }) => [Name, inForce(Value)])
  const Rules = z.record(z.string(), z.object({ Properties: z.looseObject({ FromPort: z.json() }) }))
  const rules = Object.values(Rules.parse(template.findResources('AWS::EC2::SecurityGroupEgress')))
  const ports = rules.map(({ Properties }) => Number(inForce(Properties.FromPort)))
  return { variables: Object.fromEntries(variables), ports }
}

for (const [origin, port] of [
  ['https://api.dev.jp', 443],
  ['http://api.internal', 80],
  ['https://api.dev.jp:8443', 8443],
] as const)
  test(`the tasks may reach ${origin} at port ${port}`, () => {
    const { variables, ports } = taskWith({ BackendOrigin: origin, BackendPaths: '/user/login' })
    assert.deepEqual([variables.BACKEND_ORIGIN, variables.BACKEND_PATHS], [origin, '/user/login'])
    assert.ok(ports.includes(port), String(ports))
  })

test('with its routes in the image the front gets none in its environment, which it would not start with', () => {
  const { variables } = taskWith({ BackendOrigin: 'https://api.dev.jp', RoutesInImage: 'true' })
  assert.deepEqual([variables.BACKEND_ORIGIN, variables.BACKEND_PATHS], ['', ''])
})

test('whichever way a team goes, its example names the public origin, which production needs', () => {
  const docs = readFileSync(new URL('../../docs/ecs.md', import.meta.url), 'utf8')
  assert.match(EXAMPLE, /"PUBLIC_ORIGIN": "https:/)
  for (const way of [/--env PUBLIC_ORIGIN=https:/, / PublicOrigin=https:/, /\{ PUBLIC_ORIGIN = "https:/])
    assert.match(docs, way)
})

test('autoscaling cannot be asked for fewer than two tasks', () => {
  template.hasParameter('LeastTasks', { Type: 'Number', Default: 2, MinValue: 2 })
})

test('the time to start is one parameter, of the container and of the service, with the default of the app and what ECS takes', () => {
  template.hasParameter('StartSeconds', {
    Type: 'Number',
    Default: START_SECONDS,
    MinValue: 0,
    MaxValue: MOST_START_SECONDS,
  })
  const of = { Ref: 'StartSeconds' }
  template.hasResourceProperties('AWS::ECS::Service', { HealthCheckGracePeriodSeconds: of })
  template.hasResourceProperties('AWS::ECS::TaskDefinition', {
    ContainerDefinitions: [Match.objectLike({ HealthCheck: Match.objectLike({ StartPeriod: of }) })],
  })
})

test('a size is a CPU and a memory that Fargate has', () => {
  template.hasMapping('Sizes', {
    small: { cpu: 256, memory: 512 },
    medium: { cpu: 512, memory: 1024 },
    large: { cpu: 1024, memory: 2048 },
  })
})

test('in what matters the template’s task is the app’s: user, root, health check, times', () => {
  const app = Template.fromStack(createStack(new App(), readSettings(EXAMPLE, 'settings/example.json')))
  const [task] = Object.values(Tasks.parse(app.findResources('AWS::ECS::TaskDefinition')))
  const [container] = task?.Properties.ContainerDefinitions ?? []
  assert.ok(container)
  const { User, ReadonlyRootFilesystem, StopTimeout, HealthCheck, LinuxParameters, PortMappings } = container
  assert.deepEqual(
    { User, ReadonlyRootFilesystem, StopTimeout },
    { User: '10001:10001', ReadonlyRootFilesystem: true, StopTimeout: 35 },
  )
  assert.ok(HealthCheck && LinuxParameters && PortMappings)
  template.hasResourceProperties('AWS::ECS::TaskDefinition', {
    ContainerDefinitions: [
      Match.objectLike({
        User,
        ReadonlyRootFilesystem,
        StopTimeout,
        HealthCheck: { ...HealthCheck, StartPeriod: { Ref: 'StartSeconds' } },
        LinuxParameters,
        PortMappings,
      }),
    ],
  })
})
