import assert from 'node:assert/strict'
import { test } from 'node:test'
import { App, Stack } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import * as acm from 'aws-cdk-lib/aws-certificatemanager'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as ecs from 'aws-cdk-lib/aws-ecs'
import { mistakesIn, stackWith, VARIANTS, variant } from '../test/example.ts'
import { SERVICE, TASK } from '../test/resource-types.ts'
import { GatehouseService } from './gatehouse-service.ts'
import { parseOrigin } from './parse.ts'

const { arrayWith, objectLike } = Match
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
