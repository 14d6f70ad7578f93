import { Stack } from 'aws-cdk-lib'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import type { Construct } from 'constructs'
import type { Network } from './network.ts'

const { ECR, ECR_DOCKER, CLOUDWATCH_LOGS, SECRETS_MANAGER, SSM, SSM_MESSAGES } =
  ec2.InterfaceVpcEndpointAwsService
const SERVICES = {
  EcrApi: ECR,
  EcrDocker: ECR_DOCKER,
  Logs: CLOUDWATCH_LOGS,
  Secrets: SECRETS_MANAGER,
  Parameters: SSM,
  SsmMessages: SSM_MESSAGES,
}
type Service = keyof typeof SERVICES

/**
 * What a task needs of AWS without a NAT gateway: its image (ECR keeps the layers in S3), its log, and where they are used its
 * secrets and ECS Exec. S3's gateway endpoint costs nothing, each of the others by the hour and zone.
 */
export function addEndpoints(
  scope: Construct,
  { vpc, privateSubnets, routeTableIds }: Network,
  tasks: ec2.ISecurityGroup,
  uses: { readonly secrets: boolean; readonly parameters: boolean; readonly exec: boolean },
): void {
  if (routeTableIds.length === 0) return
  const names: Service[] = ['EcrApi', 'EcrDocker', 'Logs']
  if (uses.secrets) names.push('Secrets')
  if (uses.parameters) names.push('Parameters')
  if (uses.exec) names.push('SsmMessages')
  const group = new ec2.SecurityGroup(scope, 'Endpoints', {
    vpc,
    description: 'VPC endpoints that the tasks use',
    allowAllOutbound: false,
  })
  group.addIngressRule(tasks, ec2.Port.tcp(443), 'the tasks')
  for (const name of names)
    new ec2.InterfaceVpcEndpoint(scope, `Endpoint${name}`, {
      vpc,
      service: SERVICES[name],
      subnets: privateSubnets,
      securityGroups: [group],
      open: false,
    })
  new ec2.CfnVPCEndpoint(scope, 'EndpointS3', {
    vpcId: vpc.vpcId,
    vpcEndpointType: 'Gateway',
    serviceName: `com.amazonaws.${Stack.of(scope).region}.s3`,
    routeTableIds: [...routeTableIds],
  })
}
