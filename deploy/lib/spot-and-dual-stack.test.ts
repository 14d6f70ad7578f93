import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Match } from 'aws-cdk-lib/assertions'
import { z } from 'zod'
import { variant } from '../test/example.ts'
import { ALB, SERVICE, TASK } from '../test/resource-types.ts'

const { arrayWith, objectLike, absent } = Match
test('arm64 on Spot: one task stays on Fargate itself, since AWS takes Spot tasks back', () => {
  const template = variant('arm64 on Spot, dual-stack')
  template.hasResourceProperties(SERVICE, {
    LaunchType: absent(),
    CapacityProviderStrategy: [
      { CapacityProvider: 'FARGATE', Base: 1, Weight: 0 },
      { CapacityProvider: 'FARGATE_SPOT', Weight: 1 },
    ],
  })
  template.hasResourceProperties(TASK, { RuntimePlatform: { CpuArchitecture: 'ARM64' } })
  // AWS may leave one that it takes back in the target group: the ALB has to notice, and the front to serve until then
  const Health = z.object({
    HealthCheckPath: z.string(),
    HealthCheckIntervalSeconds: z.number(),
    UnhealthyThresholdCount: z.number(),
  })
  const [group] = Object.values(template.findResources('AWS::ElasticLoadBalancingV2::TargetGroup'))
  const { HealthCheckPath, HealthCheckIntervalSeconds, UnhealthyThresholdCount } = Health.parse(
    group?.Properties,
  )
  assert.equal(HealthCheckPath, '/readyz')
  const stopDelay = 40
  assert.ok(stopDelay > HealthCheckIntervalSeconds * UnhealthyThresholdCount)
  template.hasResourceProperties(TASK, {
    ContainerDefinitions: [
      objectLike({
        StopTimeout: stopDelay + 25 + 2 + 3,
        Environment: arrayWith([{ Name: 'STOP_DELAY', Value: `${stopDelay}s` }]),
      }),
    ],
  })
  template.hasResourceProperties('AWS::ECS::ClusterCapacityProviderAssociations', {
    CapacityProviders: ['FARGATE', 'FARGATE_SPOT'],
  })
})

test('dual-stack: the load balancer has IPv6, for everybody, and so do the tasks on their way out', () => {
  const template = variant('arm64 on Spot, dual-stack')
  template.hasResourceProperties(ALB, { IpAddressType: 'dualstack' })
  template.hasResourceProperties('AWS::EC2::SecurityGroup', {
    GroupDescription: Match.stringLikeRegexp('^The public ALB'),
    SecurityGroupIngress: arrayWith([objectLike({ CidrIpv6: '::/0', FromPort: 443 })]),
  })
  template.hasResourceProperties('AWS::EC2::SecurityGroup', {
    GroupDescription: Match.stringLikeRegexp('^The tasks'),
    SecurityGroupEgress: arrayWith([objectLike({ CidrIpv6: '::/0', FromPort: 443 })]),
  })
})

test('one task for development: no autoscaling, all on Spot, and a warning', () => {
  const template = variant('one task on Spot, for development')
  template.resourceCountIs('AWS::ApplicationAutoScaling::ScalableTarget', 0)
  template.hasResourceProperties(SERVICE, {
    CapacityProviderStrategy: [{ CapacityProvider: 'FARGATE_SPOT', Weight: 1 }],
  })
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: 'gatehouse-TooFewReady',
    Threshold: 1,
  })
})
