import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Match } from 'aws-cdk-lib/assertions'
import { templateWith, variant } from '../test/example.ts'

test('a new VPC has its flow logs, and a NAT gateway a zone', () => {
  const template = variant('a new VPC with NAT')
  template.resourceCountIs('AWS::EC2::FlowLog', 1)
  template.resourceCountIs('AWS::EC2::NatGateway', 2)
  template.resourceCountIs('AWS::EC2::VPCEndpoint', 0)
})

test('without NAT the tasks reach what they use of AWS by endpoints that only they may ask', () => {
  const template = variant('a new VPC with endpoints and without NAT')
  template.resourceCountIs('AWS::EC2::NatGateway', 0)
  const services = Object.values(template.findResources('AWS::EC2::VPCEndpoint')).map(({ Properties }) =>
    JSON.stringify(Properties.ServiceName),
  )
  for (const name of ['ecr.api', 'ecr.dkr', 'logs', 'secretsmanager', 'ssmmessages', 's3'])
    assert.ok(
      services.some(each => each.includes(name)),
      `${name} in ${services}`,
    )
  assert.equal(services.length, 6)
  template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
    FromPort: 443,
    SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^TaskGroup'), 'GroupId'] },
  })
})

test('a VPC that is there gets endpoints in the route tables that are named', () => {
  const network = {
    use: 'existing',
    vpcId: 'vpc-0123456789abcdef0',
    publicSubnetIds: ['subnet-0a000000000000001', 'subnet-0a000000000000002'],
    privateSubnetIds: ['subnet-0b000000000000001', 'subnet-0b000000000000002'],
    proxies: ['10.0.0.0/24'],
    endpoints: { routeTableIds: ['rtb-0123456789abcdef0'] },
  }
  templateWith({ network }).hasResourceProperties('AWS::EC2::VPCEndpoint', {
    VpcEndpointType: 'Gateway',
    RouteTableIds: ['rtb-0123456789abcdef0'],
  })
})
