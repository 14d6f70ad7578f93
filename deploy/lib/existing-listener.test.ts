import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Match } from 'aws-cdk-lib/assertions'
import { mistakesIn, variant } from '../test/example.ts'
import { ALB, RULE, SERVICE } from '../test/resource-types.ts'

const { arrayWith, objectLike } = Match
const existing = variant('a listener and a cluster that exist')

test('at a listener that exists there is a rule, and no load balancer, cluster, certificate or bucket is made', () => {
  for (const type of [ALB, 'AWS::ECS::Cluster', 'AWS::S3::Bucket', 'AWS::ElasticLoadBalancingV2::Listener'])
    existing.resourceCountIs(type, 0)
  existing.hasResourceProperties(RULE, {
    ListenerArn: Match.stringLikeRegexp('listener/app/web/'),
    Priority: 100,
    Conditions: [{ Field: 'host-header', HostHeaderConfig: { Values: ['www.dev.jp'] } }],
    Actions: [objectLike({ Type: 'forward' })],
  })
  existing.hasResourceProperties(SERVICE, { Cluster: 'web' })
})

test('the service waits for the rule: ECS refuses a target group that no listener has', () => {
  const [service] = Object.values(existing.findResources(SERVICE))
  const [rule] = Object.keys(existing.findResources(RULE))
  assert.ok(service?.DependsOn.includes(rule))
})

test('the tasks accept requests from the group of the load balancer that exists alone', () => {
  existing.resourceCountIs('AWS::EC2::SecurityGroupIngress', 1)
  existing.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
    FromPort: 4000,
    SourceSecurityGroupId: 'sg-0e000000000000001',
  })
})

test('alarms at a listener that exists are of its own target group: the load balancer has other services, too', () => {
  const alarms = JSON.stringify(existing.findResources('AWS::CloudWatch::Alarm'))
  assert.doesNotMatch(alarms, /HTTPCode_ELB_5XX_Count/)
  assert.match(alarms, /app\/web\/50dc6c495c0c9188/)
})

test('an API without a security group is reached by its ranges, at its port', () => {
  existing.hasResourceProperties('AWS::EC2::SecurityGroup', {
    SecurityGroupEgress: arrayWith([objectLike({ CidrIp: '10.0.8.0/24', FromPort: 8080, ToPort: 8080 })]),
  })
})

test('with neither group nor range the rule for HTTPS to anywhere has to do: another port is refused', () => {
  assert.deepEqual(mistakesIn({ backend: { origin: 'https://api.dev.jp' } }), [])
  const [mistake] = mistakesIn({ backend: { origin: 'https://api.dev.jp:8443' } })
  assert.match(mistake ?? '', /^backend\.securityGroupId is not set; accepted: set, or ranges/)
})
