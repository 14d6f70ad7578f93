import * as ec2 from 'aws-cdk-lib/aws-ec2'
import type { Construct } from 'constructs'
import { ADMIN_PORT, type Entrance, FRONT_PORT } from './load-balancer.ts'
import type { GatehouseServiceProps } from './props.ts'

/** What the tasks may reach, and who may reach them: the ALB, and whoever reads the admin listener. */
export function createTaskGroup(scope: Construct, props: GatehouseServiceProps, { listener }: Entrance) {
  const { backend, reach = [], environment = {}, adminClients = [], dualStack = false } = props
  // the front would not start: on the network its admin listener asks for a token
  if (adminClients.length > 0 && !('ADMIN_TOKEN' in (props.secrets ?? {})))
    throw new Error(
      'adminClients: put ADMIN_TOKEN into secrets, 32 characters or more (docs/admin-access.md)',
    )
  const group = new ec2.SecurityGroup(scope, 'TaskGroup', {
    vpc: props.vpc,
    description: 'The tasks: from the public ALB, to the private API and to AWS',
    allowAllOutbound: false,
  })
  listener.connections.allowTo(group, ec2.Port.tcp(FRONT_PORT), 'the front')
  for (const peer of adminClients) group.addIngressRule(peer, ec2.Port.tcp(ADMIN_PORT), 'the admin listener')
  const api = ec2.Port.tcp(backend.origin.port)
  for (const peer of backend.peers ?? []) group.addEgressRule(peer, api, 'the private API')
  group.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'AWS: image, secrets, log')
  if (dualStack) group.addEgressRule(ec2.Peer.anyIpv6(), ec2.Port.tcp(443), 'AWS: image, secrets, log')
  for (const { peer, port } of reach) group.addEgressRule(peer, ec2.Port.tcp(port), 'reach in the settings')
  // no security group stops what is asked of AWS' own resolver; another one has to be let out to
  for (const { address, port } of ownResolvers(environment.DNS_SERVERS ?? '')) {
    group.addEgressRule(ec2.Peer.ipv4(`${address}/32`), ec2.Port.udp(port), 'DNS_SERVERS')
    group.addEgressRule(ec2.Peer.ipv4(`${address}/32`), ec2.Port.tcp(port), 'DNS_SERVERS')
  }
  return group
}

/** deploy/terraform/main.tf has the same pattern; IPv6 is not let out to. */
const ownResolvers = (servers: string) =>
  [...servers.matchAll(/(?:^|,)\s*([0-9]+(?:\.[0-9]+){3})(?::([0-9]+))?/g)]
    .map(([, address = '', port = '53']) => ({ address, port: Number(port) }))
    .filter(({ address }) => address !== '169.254.169.253')
