import assert from 'node:assert/strict'
import { test } from 'node:test'
import { App, Stack } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import * as acm from 'aws-cdk-lib/aws-certificatemanager'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as ecs from 'aws-cdk-lib/aws-ecs'
import { z } from 'zod'
import { mistakesIn, stackWith, templateWith, VARIANTS, variant } from '../test/example.ts'
import { GatehouseService } from './gatehouse-service.ts'
import { parseOrigin } from './parse.ts'

const SERVICE = 'AWS::ECS::Service'
const TASK = 'AWS::ECS::TaskDefinition'
const TOKEN_ARN = 'arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:gatehouse/admin-token-AbCdEf'
const ALB = 'AWS::ElasticLoadBalancingV2::LoadBalancer'
const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule'
const { arrayWith, objectLike, absent } = Match

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

const sidecar = variant('a sidecar, a parameter and a key')

test('a sidecar runs beside the front: it may fail, writes nowhere, logs, and its memory is not the front’s', () => {
  sidecar.hasResourceProperties(TASK, {
    Memory: '2048',
    ContainerDefinitions: [
      objectLike({ Name: 'front', Memory: 2048 - 256, Essential: true }),
      objectLike({
        Name: 'adot',
        Memory: 256,
        Essential: false,
        ReadonlyRootFilesystem: true,
        Command: ['--config=/etc/ecs/ecs-default-config.yaml'],
        LogConfiguration: objectLike({ LogDriver: 'awslogs' }),
      }),
    ],
  })
})

test('sidecars that leave the front too little memory are refused', () => {
  const [mistake] = mistakesIn({ sidecars: [{ name: 'adot', image: 'adot:1', memory: 700 }] })
  assert.match(mistake ?? '', /^sidecars is .*; accepted: at most 624 MiB of memory together/)
})

const statements = Object.values(sidecar.findResources('AWS::IAM::Policy')).flatMap(
  ({ Properties }) => Properties.PolicyDocument.Statement,
)

test('secrets come from Secrets Manager and from SSM, and the execution role may decrypt both with the key', () => {
  sidecar.hasResourceProperties(TASK, {
    ContainerDefinitions: [
      objectLike({
        Secrets: arrayWith([
          { Name: 'LIMIT_STORE', ValueFrom: Match.stringLikeRegexp(':secret:gatehouse-AbCdEf:url::$') },
          objectLike({ Name: 'API_KEY' }),
        ]),
      }),
      objectLike({ Secrets: [objectLike({ Name: 'OTEL_TOKEN' })] }),
    ],
  })
  const decrypting = statements.filter(({ Action }) => [Action].flat().includes('kms:Decrypt'))
  assert.ok(decrypting.length > 0)
  for (const { Resource, Effect } of decrypting)
    assert.deepEqual(
      [Effect, Resource],
      ['Allow', VARIANTS['a sidecar, a parameter and a key']?.secretsKeyArn],
    )
  // without a condition for one of the two services, or with one for each
  const all = JSON.stringify(decrypting)
  assert.ok(
    decrypting.some(({ Condition }) => Condition === undefined) || /ssm\..*secretsmanager\./s.test(all),
  )
})

test('what the app may do in AWS is in the task’s role', () => {
  assert.ok(
    statements.some(({ Action, Resource }) => Action === 's3:GetObject' && Resource.endsWith('/cat.jpg')),
  )
})

test('the tasks have groups of the team beside their own', () => {
  sidecar.hasResourceProperties(SERVICE, {
    NetworkConfiguration: {
      AwsvpcConfiguration: {
        SecurityGroups: [Match.anyValue(), 'sg-0f000000000000001'],
      },
    },
  })
})

test('the admin listener is on loopback, where sidecars reach it; on the network with a token, for whom the settings name', () => {
  const adminHost = (name: keyof typeof VARIANTS) => {
    const [task] = Object.values(variant(name).findResources(TASK))
    const environment: { Name: string; Value: unknown }[] =
      task?.Properties.ContainerDefinitions[0].Environment
    return environment.find(({ Name }) => Name === 'ADMIN_HOST')?.Value
  }
  assert.equal(adminHost('the example'), undefined)
  assert.equal(adminHost('a sidecar, a parameter and a key'), '0.0.0.0')
  sidecar.hasResourceProperties('AWS::EC2::SecurityGroup', {
    SecurityGroupIngress: [
      objectLike({ FromPort: 4001, ToPort: 4001, SourceSecurityGroupId: 'sg-0a100000000000001' }),
      objectLike({ FromPort: 4001, ToPort: 4001, CidrIp: '10.0.9.0/24' }),
    ],
  })
  assert.match(
    mistakesIn({ adminClients: ['me'] })[0] ?? '',
    /^adminClients\.0 is "me"; accepted: a security group or an/,
  )
  const inSecrets = { secrets: { ADMIN_TOKEN: TOKEN_ARN } }
  assert.deepEqual(mistakesIn({ environment: { ADMIN_HOST: '::' }, ...inSecrets }), [])
  assert.equal(adminHost('everything else'), undefined)
})

test('with a token in secrets the listener is on the network before anybody may reach it: to open it replaces no task', () => {
  const template = templateWith({ secrets: { ADMIN_TOKEN: TOKEN_ARN } })
  template.hasResourceProperties(TASK, {
    ContainerDefinitions: [
      objectLike({
        Environment: arrayWith([{ Name: 'ADMIN_HOST', Value: '0.0.0.0' }]),
        Secrets: [{ Name: 'ADMIN_TOKEN', ValueFrom: TOKEN_ARN }],
      }),
    ],
  })
  assert.doesNotMatch(JSON.stringify(template.findResources('AWS::EC2::SecurityGroup')), /4001/)
})

test('without the token nobody is let in, and the token is not in the environment', () => {
  const [none = ''] = mistakesIn({ adminClients: ['sg-0a100000000000001'] })
  assert.match(none, /^secrets\.ADMIN_TOKEN is not set; accepted: with adminClients the ARN of a secret/)
  const [open = ''] = mistakesIn({ environment: { ADMIN_HOST: '0.0.0.0' } })
  assert.match(
    open,
    /^environment\.ADMIN_HOST is "0\.0\.0\.0"; accepted: 127\.0\.0\.1, or not set and in secrets/,
  )
  const [visible = ''] = mistakesIn({ environment: { ADMIN_TOKEN: 'x'.repeat(32) } })
  assert.match(visible, /^environment\.ADMIN_TOKEN is .*; accepted: set under secrets/)
  const unanswered = {
    environment: { ADMIN_HOST: '127.0.0.1' },
    adminClients: ['sg-0a100000000000001'],
    secrets: { ADMIN_TOKEN: TOKEN_ARN },
  }
  assert.match(mistakesIn(unanswered)[0] ?? '', /^environment\.ADMIN_HOST .* not set with adminClients/)
})

test('the outputs name what other stacks and people need', () => {
  const outputs = (name: keyof typeof VARIANTS) => Object.keys(variant(name).findOutputs('*')).sort()
  const always = [
    'AlarmTopicArn',
    'ClusterName',
    'DashboardUrl',
    'ListenerArn',
    'LogGroupName',
    'ServiceName',
    'TargetGroupArn',
    'TaskSecurityGroup',
  ]
  assert.deepEqual(outputs('a listener and a cluster that exist'), always)
  assert.deepEqual(outputs('the example'), [...always, 'Address', 'LoadBalancerArn'].sort())
})

/** Of the stack that the settings' example made before there was a construct; CloudFormation replaces what has another id. */
const IDS_BEFORE: Readonly<Record<string, string>> = {
  AccessLogs8B620ECA: 'AWS::S3::Bucket',
  AccessLogsPolicyABDC4D2D: 'AWS::S3::BucketPolicy',
  Alarms04B5A0BF: 'AWS::SNS::Topic',
  AlarmsPolicy5C860CFE: 'AWS::SNS::TopicPolicy',
  AlarmsopsdevjpA862C251: 'AWS::SNS::Subscription',
  Balancer71DDC9D9: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
  BalancerGroup3F552162: 'AWS::EC2::SecurityGroup',
  BalancerGrouptogatehouseTaskGroupBE9DB3EA40003848CEA8: 'AWS::EC2::SecurityGroupEgress',
  BalancerHttpsAFC43DBF: 'AWS::ElasticLoadBalancingV2::Listener',
  BalancerRedirect80To443F618E114: 'AWS::ElasticLoadBalancingV2::Listener',
  ClusterEB0386A7: 'AWS::ECS::Cluster',
  Logs6819BB44: 'AWS::Logs::LogGroup',
  ServiceD69D759B: 'AWS::ECS::Service',
  ServiceTaskCountTarget23E25614: 'AWS::ApplicationAutoScaling::ScalableTarget',
  ServiceTaskCountTargetCpuC81E254E: 'AWS::ApplicationAutoScaling::ScalingPolicy',
  ServiceTaskCountTargetRequests7892773A: 'AWS::ApplicationAutoScaling::ScalingPolicy',
  Task79114B6B: 'AWS::ECS::TaskDefinition',
  TaskGroup987C7EB6: 'AWS::EC2::SecurityGroup',
  TaskGroupfromgatehouseBalancerGroupB54A6650400010305D29: 'AWS::EC2::SecurityGroupIngress',
  Tasks0BA6A452: 'AWS::ElasticLoadBalancingV2::TargetGroup',
}

test('a stack from before the construct keeps every resource that it has', () => {
  const { Resources } = variant('the example').toJSON()
  for (const [id, type] of Object.entries(IDS_BEFORE)) assert.equal(Resources[id]?.Type, type, id)
})

test('a team’s own CDK app needs no more than this', () => {
  const stack = new Stack(new App(), 'web')
  const vpc = new ec2.Vpc(stack, 'Vpc')
  const origin = parseOrigin('https://api.dev.jp')
  assert.ok(origin)
  const { service } = new GatehouseService(stack, 'Front', {
    name: 'front',
    vpc,
    taskSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    trustedProxies: vpc.publicSubnets.map(({ ipv4CidrBlock }) => ipv4CidrBlock),
    image: ecs.ContainerImage.fromRegistry('gatehouse:1.0.0'),
    backend: { origin },
    loadBalancer: {
      use: 'new',
      subnets: { subnetType: ec2.SubnetType.PUBLIC },
      certificates: [acm.Certificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:acm:…')],
    },
    alarms: { emails: ['ops@dev.jp'] },
  })
  assert.ok(service.cluster)
  const template = Template.fromStack(stack)
  template.resourceCountIs(SERVICE, 1)
  template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', {
    MinCapacity: 2,
    MaxCapacity: 10,
  })
})

const warnings = (changes: Record<string, unknown>) =>
  stackWith(changes)
    .stack.node.metadata.filter(({ type }) => type === 'aws:cdk:warning')
    .map(({ data }) => String(data))

test('the synthesis warns where nothing is protected, and where there is one task', () => {
  const [unprotected = '', single = ''] = warnings({ protection: false, scaling: { min: 1, max: 1 } })
  assert.match(unprotected, /set "protection": true/)
  assert.match(single, /One task .* development/)
  assert.deepEqual(warnings({}), [])
})
