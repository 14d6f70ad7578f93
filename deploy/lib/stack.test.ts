import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Match } from 'aws-cdk-lib/assertions'
import { z } from 'zod'
import { variant, variants } from '../test/example.ts'
import { ALB, GROUP, SECURITY_GROUP, SERVICE } from '../test/resource-types.ts'

const { arrayWith, objectLike, absent, anyValue } = Match
const example = variant('the example')
const alarm = (name: string) => ({ Ref: Match.stringLikeRegexp(`^${name}`) })

test('the tasks are in the private subnets, without public addresses', () => {
  example.hasResourceProperties(SERVICE, {
    LaunchType: 'FARGATE',
    NetworkConfiguration: {
      AwsvpcConfiguration: {
        AssignPublicIp: 'DISABLED',
        Subnets: ['subnet-0b000000000000001', 'subnet-0b000000000000002'],
      },
    },
  })
  example.hasResourceProperties(ALB, { Subnets: ['subnet-0a000000000000001', 'subnet-0a000000000000002'] })
})

test('a deployment takes no task away before its successor is healthy, and is rolled back when it fails', () => {
  example.hasResourceProperties(SERVICE, {
    DesiredCount: absent(),
    AvailabilityZoneRebalancing: 'ENABLED',
    DeploymentConfiguration: {
      MinimumHealthyPercent: 100,
      MaximumPercent: 200,
      DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      Alarms: {
        Enable: true,
        Rollback: true,
        AlarmNames: ['LoginsFail', 'LoginsAllFail', 'LoginsMisrouted', 'NoAddress', 'Tasks5xx'].map(alarm),
      },
    },
  })
})

test('autoscaling keeps two tasks at least, and more by requests and by CPU', () => {
  example.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', {
    MinCapacity: 2,
    MaxCapacity: 10,
  })
  for (const PredefinedMetricType of ['ALBRequestCountPerTarget', 'ECSServiceAverageCPUUtilization'])
    example.hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
      TargetTrackingScalingPolicyConfiguration: { PredefinedMetricSpecification: { PredefinedMetricType } },
    })
})

test('the tasks are reached by the public ALB alone', () => {
  example.resourceCountIs('AWS::EC2::SecurityGroupIngress', 1)
  example.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
    FromPort: 4000,
    ToPort: 4000,
    SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^BalancerGroup'), 'GroupId'] },
  })
})

test('the tasks reach the API’s security group at its port, AWS by HTTPS, and nothing else', () => {
  example.hasResourceProperties(SECURITY_GROUP, {
    SecurityGroupEgress: [
      objectLike({ DestinationSecurityGroupId: 'sg-0c000000000000001', FromPort: 443, ToPort: 443 }),
      objectLike({ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 }),
    ],
  })
})

test('what else is to be reached is, and a resolver of one’s own', () => {
  variant('everything else').hasResourceProperties(SECURITY_GROUP, {
    SecurityGroupEgress: arrayWith([
      objectLike({ DestinationSecurityGroupId: 'sg-0d000000000000001', FromPort: 6379 }),
      objectLike({ CidrIp: '10.0.0.2/32', FromPort: 53, IpProtocol: 'udp' }),
      objectLike({ CidrIp: '10.0.0.2/32', FromPort: 53, IpProtocol: 'tcp' }),
      objectLike({ CidrIp: '10.0.0.3/32', FromPort: 8600, ToPort: 8600, IpProtocol: 'udp' }),
      objectLike({ CidrIp: '10.0.0.3/32', FromPort: 8600, ToPort: 8600, IpProtocol: 'tcp' }),
    ]),
  })
})

test('on request the API’s security group is opened for the tasks, at the port of its origin', () => {
  variant('blue/green').hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
    GroupId: 'sg-0c000000000000001',
    FromPort: 8443,
    ToPort: 8443,
    SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^TaskGroup'), 'GroupId'] },
  })
})

test('blue/green: two target groups, a rule that ECS may move, and time to go back', () => {
  const template = variant('blue/green')
  template.resourceCountIs(GROUP, 2)
  template.hasResourceProperties(SERVICE, {
    DeploymentConfiguration: { Strategy: 'BLUE_GREEN', BakeTimeInMinutes: 10 },
    LoadBalancers: [
      objectLike({
        AdvancedConfiguration: {
          AlternateTargetGroupArn: anyValue(),
          ProductionListenerRule: anyValue(),
          RoleArn: anyValue(),
        },
      }),
    ],
  })
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', {
    Actions: [
      {
        Type: 'forward',
        ForwardConfig: { TargetGroups: [objectLike({ Weight: 100 }), objectLike({ Weight: 0 })] },
      },
    ],
  })
})

test('blue/green: requests are counted in both target groups', () => {
  const Metrics = z.array(z.looseObject({ Id: z.string() }))
  const policies = variant('blue/green').findResources('AWS::ApplicationAutoScaling::ScalingPolicy')
  const metrics = Object.values(policies).flatMap(({ Properties }) => {
    const { CustomizedMetricSpecification: own } = Properties.TargetTrackingScalingPolicyConfiguration
    return own === undefined ? [] : Metrics.parse(own.Metrics)
  })
  assert.deepEqual(
    metrics.map(({ Id }) => Id),
    ['blue', 'green', 'both'],
  )
})

test('AWS refuses some characters in the descriptions of security groups: there are none of them', () => {
  const allowed = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/
  for (const template of variants()) {
    const { Resources } = template.toJSON()
    const text = JSON.stringify(Resources)
    const found = [...text.matchAll(/"(?:Group)?Description":"((?:[^"\\]|\\.)*)"/g)].map(
      ([, words]) => words ?? '',
    )
    assert.ok(found.length > 3)
    for (const words of found) assert.match(words, allowed)
  }
})

test('nothing is made by a function of Lambda, which somebody would have to keep up to date', () => {
  for (const template of variants()) template.resourceCountIs('AWS::Lambda::Function', 0)
})
