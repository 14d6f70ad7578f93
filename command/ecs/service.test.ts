import assert from 'node:assert/strict'
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
    assert.equal(blocks.length, 5)
    assert.deepEqual([...new Set(operations)].sort(), [
      'create-service',
      'describe-services',
      'register-task-definition',
      'update-service',
    ])
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
  assert.match(commands(FARGATE), /deregistration_delay\.timeout_seconds,Value=60/)
})

test('on EC2 with a bridge the target group is of instances, and there is no network to give', () => {
  assert.match(commands(BRIDGE), /--target-type instance/)
  assert.match(commands(BRIDGE), /--launch-type EC2 \\/)
  assert.match(terraform(BRIDGE), /target_type {10}= "instance"/)
  assert.doesNotMatch(serviceText(BRIDGE), /security group/)
  const awsvpc = serviceOf(pair({}, { memory: 256 }))
  assert.match(commands(awsvpc), /--launch-type EC2 --network-configuration "\$NETWORK"/)
})
