import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Match } from 'aws-cdk-lib/assertions'
import { z } from 'zod'
import { templateWith, variant, variants } from '../test/example.ts'

const ALB = 'AWS::ElasticLoadBalancingV2::LoadBalancer'
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener'
const GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup'
const SERVICE = 'AWS::ECS::Service'
const SECURITY_GROUP = 'AWS::EC2::SecurityGroup'
const { arrayWith, objectLike, absent, anyValue } = Match

const example = variant('the example')
const alarm = (name: string) => ({ Ref: Match.stringLikeRegexp(`^${name}`) })
const attributes = (...pairs: (readonly [key: string, value: string])[]) =>
  arrayWith(pairs.map(([Key, Value]) => ({ Key, Value })))

test('the public ALB is strict, keeps to its idle timeout and cannot be deleted by mistake', () => {
  example.hasResourceProperties(ALB, {
    Scheme: 'internet-facing',
    LoadBalancerAttributes: attributes(
      ['deletion_protection.enabled', 'true'],
      ['idle_timeout.timeout_seconds', '60'],
      ['routing.http.drop_invalid_header_fields.enabled', 'true'],
      ['routing.http.desync_mitigation_mode', 'strictest'],
      ['access_logs.s3.enabled', 'true'],
    ),
  })
})

test('it waits as long as the settings say, and a task that leaves keeps its requests for as long', () => {
  const template = templateWith({
    loadBalancer: { use: 'new', idleSeconds: 310 },
    environment: { KEEP_ALIVE_TIMEOUT: '330s' },
  })
  template.hasResourceProperties(ALB, {
    LoadBalancerAttributes: attributes(['idle_timeout.timeout_seconds', '310']),
  })
  template.hasResourceProperties(GROUP, {
    TargetGroupAttributes: attributes(['deregistration_delay.timeout_seconds', '310']),
  })
})

test('with clients nobody else reaches the public ALB, and they reach it at 443 alone', () => {
  const template = templateWith({ loadBalancer: { use: 'new', clients: ['pl-58a04531', '10.0.0.0/8'] } })
  template.hasResourceProperties(SECURITY_GROUP, {
    GroupDescription: Match.stringLikeRegexp('^The public ALB'),
    SecurityGroupIngress: [objectLike({ CidrIp: '10.0.0.0/8', FromPort: 443, ToPort: 443 })],
  })
  template.resourcePropertiesCountIs(
    'AWS::EC2::SecurityGroupIngress',
    { SourcePrefixListId: 'pl-58a04531', FromPort: 443, ToPort: 443 },
    1,
  )
})

test('HTTP is redirected to HTTPS, which speaks TLS 1.2 and 1.3 alone', () => {
  example.resourceCountIs(LISTENER, 2)
  example.hasResourceProperties(LISTENER, {
    Port: 80,
    DefaultActions: [
      { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } },
    ],
  })
  example.hasResourceProperties(LISTENER, {
    Port: 443,
    Protocol: 'HTTPS',
    SslPolicy: Match.stringLikeRegexp('^ELBSecurityPolicy-TLS13-1-2-Res-'),
    DefaultActions: [objectLike({ Type: 'forward' })],
  })
})

test('the ALB may write its access logs, over TLS alone, and they end after 90 days', () => {
  example.hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: {
      Statement: arrayWith([
        objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        objectLike({
          Effect: 'Allow',
          Action: 's3:PutObject',
          Principal: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
        }),
      ]),
    },
  })
  example.hasResourceProperties('AWS::S3::Bucket', {
    LifecycleConfiguration: { Rules: [objectLike({ ExpirationInDays: 90, Status: 'Enabled' })] },
  })
})

test('the target group asks /healthz, and lets go of a task when the slowest login is over', () => {
  example.hasResourceProperties(GROUP, {
    Port: 4000,
    Protocol: 'HTTP',
    TargetType: 'ip',
    HealthCheckPath: '/healthz',
    TargetGroupAttributes: attributes(['deregistration_delay.timeout_seconds', '60']),
  })
})

test('with HEALTH_PREFIX the target group asks below it: /healthz is a page of the app then', () => {
  templateWith({ environment: { HEALTH_PREFIX: '/_gatehouse' } }).hasResourceProperties(GROUP, {
    HealthCheckPath: '/_gatehouse/healthz',
  })
})

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

test('a certificate by DNS is validated in the hosted zone, where the name is put as well', () => {
  const template = variant('a new VPC with NAT')
  template.hasResourceProperties('AWS::CertificateManager::Certificate', {
    DomainName: 'www.dev.jp',
    ValidationMethod: 'DNS',
  })
  template.hasResourceProperties('AWS::Route53::RecordSet', {
    Name: 'www.dev.jp.',
    Type: 'A',
    HostedZoneId: 'Z0123456789ABCDEFGHIJ',
  })
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
