import { Annotations, CfnOutput, Stack } from 'aws-cdk-lib'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as route53 from 'aws-cdk-lib/aws-route53'
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets'
import type { Construct } from 'constructs'
import { addEndpoints } from './endpoints.ts'
import { propsFrom } from './from-settings.ts'
import { GatehouseService } from './gatehouse-service.ts'
import { createNetwork } from './network.ts'
import type { Settings } from './settings.ts'

/** A stack with what a settings file says: the construct, and the network around it. */
export function createStack(scope: Construct, settings: Settings): Stack {
  const { name, account, region, protection } = settings
  const stack = new Stack(scope, name, {
    env: { account, region },
    description: 'Gatehouse: a Next.js front that keeps logins going (docs/ecs.md)',
    tags: { service: name },
    // CDK sets it before the change set runs, so with it a first deployment that failed could not be deleted
    terminationProtection: protection,
  })
  if (!protection)
    Annotations.of(stack).addWarningV2(
      'gatehouse:no-protection',
      'Nothing protects this stack and its load balancer from deletion: after the first deployment set "protection": true, and deploy again.',
    )
  if (settings.scaling.min < 2)
    Annotations.of(stack).addWarningV2(
      'gatehouse:one-task',
      'One task (scaling.min) is for development: while it or its zone fails nobody can log in.',
    )
  fill(stack, settings)
  return stack
}

export function fill(stack: Stack, settings: Settings): GatehouseService {
  const network = createNetwork(stack, settings)
  const zone = hostedZone(stack, settings)
  // `Default` is left out of logical ids: stacks from before there was a construct keep their resources
  const gatehouse = new GatehouseService(stack, 'Default', propsFrom(stack, settings, network, zone))
  const { entrance, service, securityGroup } = gatehouse
  const arns = [settings.secrets, ...settings.sidecars.map(({ secrets }) => secrets)].flatMap(Object.values)
  const uses = (kind: string) => arns.some(arn => String(arn).includes(`:${kind}:`))
  addEndpoints(stack, network, securityGroup, {
    secrets: uses('secretsmanager'),
    parameters: uses('ssm'),
    exec: settings.exec,
  })
  addName(stack, settings, zone, gatehouse)
  openBackend(stack, settings, securityGroup)

  const outputs = {
    Address: entrance.balancer?.loadBalancerDnsName,
    LoadBalancerArn: entrance.balancer?.loadBalancerArn,
    ListenerArn: entrance.listener.listenerArn,
    TargetGroupArn: entrance.groups[0].targetGroupArn,
    AlarmTopicArn: gatehouse.topic.topicArn,
    DashboardUrl: gatehouse.dashboardUrl,
    ClusterName: service.cluster.clusterName,
    ServiceName: service.serviceName,
    LogGroupName: gatehouse.logGroup.logGroupName,
    TaskSecurityGroup: securityGroup.securityGroupId,
  }
  for (const [id, value] of Object.entries(outputs))
    if (value !== undefined) new CfnOutput(stack, id, { value })
  return gatehouse
}

/** The zone of a certificate that is made by DNS. */
function hostedZone(stack: Stack, { certificate }: Settings): route53.IHostedZone | undefined {
  if (certificate?.use !== 'dns') return undefined
  const { hostedZoneId, hostedZoneName: zoneName } = certificate
  return route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId, zoneName })
}

/** The name of a certificate that is made by DNS leads to the new load balancer. */
function addName(
  stack: Stack,
  { certificate, dualStack }: Settings,
  zone: route53.IHostedZone | undefined,
  { entrance }: GatehouseService,
) {
  if (certificate?.use !== 'dns' || !zone || !entrance.balancer) return
  const record = {
    zone,
    recordName: certificate.domain,
    target: route53.RecordTarget.fromAlias(new LoadBalancerTarget(entrance.balancer)),
  }
  new route53.ARecord(stack, 'Name', record)
  if (dualStack) new route53.AaaaRecord(stack, 'Name6', record)
}

function openBackend(stack: Stack, { name, backend }: Settings, tasks: ec2.ISecurityGroup) {
  if (!backend.addIngressRule || !backend.securityGroupId) return
  new ec2.CfnSecurityGroupIngress(stack, 'BackendIngress', {
    groupId: backend.securityGroupId,
    sourceSecurityGroupId: tasks.securityGroupId,
    ipProtocol: 'tcp',
    fromPort: backend.origin.port,
    toPort: backend.origin.port,
    description: `The tasks of ${name}`,
  })
}
