import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { App } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { z } from 'zod'
import { exported } from './exported.ts'
import { readSettings } from './settings.ts'
import { createStack } from './stack.ts'

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

test('the template names no account, region or zone', () => {
  assert.doesNotMatch(read('cloudformation/gatehouse.json'), /111122223333|ap-northeast|vpc-0|subnet-0/)
})

test('every parameter is used, and says what it is', () => {
  const { Parameters, ...rest } = z
    .looseObject({ Parameters: z.record(z.string(), z.object({ Description: z.string() })) })
    .parse(template.toJSON())
  const text = JSON.stringify(rest)
  for (const name of Object.keys(Parameters)) assert.ok(text.includes(`{"Ref":"${name}"}`), name)
})

test('autoscaling cannot be asked for fewer than two tasks', () => {
  template.hasParameter('LeastTasks', { Type: 'Number', Default: 2, MinValue: 2 })
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
        HealthCheck,
        LinuxParameters,
        PortMappings,
      }),
    ],
  })
})
