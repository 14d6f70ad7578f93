import { Validations } from 'aws-cdk-lib'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as logs from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import type { Settings } from './settings.ts'

export type Network = {
  readonly vpc: ec2.IVpc
  /** of the public ALB */
  readonly publicSubnets: ec2.SubnetSelection
  /** of the tasks */
  readonly privateSubnets: ec2.SubnetSelection
  /** IPv4 ranges of the public ALB: whose X-Forwarded-For is believed */
  readonly proxies: readonly string[]
  /** of the private subnets; empty where there are to be no endpoints */
  readonly routeTableIds: readonly string[]
}

type Existing = Extract<Settings['network'], { use: 'existing' }>
type New = Extract<Settings['network'], { use: 'new' }>

/** The VPC: one that is there, by its ids alone (nothing is looked up, so synthesis needs no account), or a new one. */
export function createNetwork(scope: Construct, { network, dualStack, logs: { days } }: Settings): Network {
  return network.use === 'existing' ? existing(scope, network) : created(scope, network, dualStack, days)
}

function existing(scope: Construct, network: Existing): Network {
  const subnet = (name: string, id: string) => {
    const found = ec2.Subnet.fromSubnetId(scope, name, id)
    Validations.of(found).acknowledge({
      id: '@aws-cdk/aws-ec2:noSubnetRouteTableId',
      reason: 'Nobody asks the subnet for its route table: endpoints have theirs from the settings.',
    })
    return found
  }
  const subnets = (name: string, ids: readonly string[]) => ({
    subnets: ids.map((id, index) => subnet(`${name}${index + 1}`, id)),
  })
  const { vpcId, publicSubnetIds, privateSubnetIds, proxies, endpoints } = network
  return {
    // subnets are always named one by one, so nobody asks the VPC for its zones
    vpc: ec2.Vpc.fromVpcAttributes(scope, 'Vpc', { vpcId, availabilityZones: ['unknown'] }),
    publicSubnets: subnets('Public', publicSubnetIds),
    privateSubnets: subnets('Private', privateSubnetIds),
    proxies,
    routeTableIds: endpoints?.routeTableIds ?? [],
  }
}

function created(
  scope: Construct,
  { cidr, zones, natGateways, endpoints }: New,
  dualStack: boolean,
  days: number,
): Network {
  const vpc = new ec2.Vpc(scope, 'Vpc', {
    ipAddresses: ec2.IpAddresses.cidr(cidr),
    availabilityZones: [...zones],
    natGateways,
    ...(dualStack && { ipProtocol: ec2.IpProtocol.DUAL_STACK }),
    // done by a Lambda function of its own; nothing here uses the default group
    restrictDefaultSecurityGroup: false,
    subnetConfiguration: [
      { name: 'Public', subnetType: ec2.SubnetType.PUBLIC, mapPublicIpOnLaunch: false },
      {
        name: 'Private',
        subnetType: natGateways > 0 ? ec2.SubnetType.PRIVATE_WITH_EGRESS : ec2.SubnetType.PRIVATE_ISOLATED,
      },
    ],
  })
  const logGroup = new logs.LogGroup(scope, 'FlowLogs', { retention: days })
  vpc.addFlowLog('FlowLog', { destination: ec2.FlowLogDestination.toCloudWatchLogs(logGroup) })
  const subnets = natGateways > 0 ? vpc.privateSubnets : vpc.isolatedSubnets
  return {
    vpc,
    publicSubnets: { subnets: vpc.publicSubnets },
    privateSubnets: { subnets },
    proxies: vpc.publicSubnets.map(({ ipv4CidrBlock }) => ipv4CidrBlock),
    routeTableIds: endpoints ? subnets.map(({ routeTable }) => routeTable.routeTableId) : [],
  }
}
