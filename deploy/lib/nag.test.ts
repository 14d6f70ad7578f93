import assert from 'node:assert/strict'
import { test } from 'node:test'
import { App, type Stack, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import type { IConstruct } from 'constructs'
import { VARIANTS, variantStack, variants } from '../test/example.ts'
import { createTemplate } from './template.ts'

const stacks: Readonly<Record<string, Stack>> = {
  ...Object.fromEntries(Object.keys(VARIANTS).map(name => [name, variantStack(name)])),
  'the CloudFormation template': createTemplate(new App()),
}

/** Rule and place of everything that AwsSolutions finds. */
const found = (stack: Stack) =>
  new AwsSolutionsChecks()
    .validateScope(stack)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(
        ({ constructPath = '' }) => `${ruleName} at ${constructPath.replace(/^[^/]*\/(Default\/)?/, '')}`,
      ),
    )
    .sort()

/** The same, as though nothing had been acknowledged. */
function foundAtAll(stack: Stack) {
  const key = Validations.ACKNOWLEDGED_RULES_METADATA_KEY
  Reflect.set(Validations, 'ACKNOWLEDGED_RULES_METADATA_KEY', 'another key')
  try {
    return found(stack)
  } finally {
    Reflect.set(Validations, 'ACKNOWLEDGED_RULES_METADATA_KEY', key)
  }
}

const acknowledged = (scope: IConstruct) =>
  scope.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(data))
      .map(([rule, reason]) => ({ rule, reason: String(reason) })),
  )

for (const [name, stack] of Object.entries(stacks)) {
  test(`AwsSolutions finds nothing in ${name}`, () => assert.deepEqual(found(stack), []))
}

/** All that is acknowledged, place by place. The reasons stand beside what they are about. */
const KNOWN = [
  /^AwsSolutions-EC23 at BalancerGroup\/Resource$/,
  /^AwsSolutions-S1 at AccessLogs\/Resource$/,
  /^AwsSolutions-ECS2 at Task\/Resource$/,
  /^AwsSolutions-IAM5\[Resource::\*\] at Task\/(ExecutionRole|TaskRole)\/DefaultPolicy\/Resource$/,
  /^AwsSolutions-IAM4\[Policy::.*AmazonECSInfrastructureRolePolicyForLoadBalancers\] at Service\/SwitchRole\/Resource$/,
]
for (const [name, stack] of Object.entries(stacks)) {
  test(`what is acknowledged in ${name} is known, and no more`, () => {
    const all = foundAtAll(stack)
    assert.ok(all.length >= 2)
    for (const each of all)
      assert.ok(
        KNOWN.some(known => known.test(each)),
        each,
      )
  })
}

test('each acknowledgement has a reason that says more than that there is one', () => {
  for (const stack of Object.values(stacks))
    for (const { rule, reason } of acknowledged(stack))
      assert.ok(reason.split(' ').length >= 8, `${rule}: ${reason}`)
})

test('a right to everything is one that AWS gives for everything alone', () => {
  const allowed = /^(ecr:GetAuthorizationToken|ssmmessages:(Create|Open)(Control|Data)Channel)$/
  for (const template of variants()) {
    const policies = Object.values(template.findResources('AWS::IAM::Policy'))
    const wide = policies
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Resource }) => Resource === '*')
    assert.ok(wide.length > 0)
    for (const action of wide.flatMap(({ Action }) => Action)) assert.match(action, allowed)
  }
})
