import { Duration, Validations } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as ecs from 'aws-cdk-lib/aws-ecs'
import type { Construct } from 'constructs'
import { type Entrance, FRONT_PORT } from './load-balancer.ts'
import type { Network } from './network.ts'
import type { Settings } from './settings.ts'
import { CONTAINER } from './task.ts'

type Parts = {
  readonly settings: Settings
  readonly network: Network
  readonly entrance: Entrance
  readonly task: ecs.FargateTaskDefinition
  readonly securityGroup: ec2.SecurityGroup
  /** that roll a deployment back */
  readonly alarms: readonly Alarm[]
}

/** The tasks: always twice as many as needed during a deployment, none taken away before its successor is healthy. */
export function createService(scope: Construct, parts: Parts): ecs.FargateService {
  const { settings, network, entrance, task, securityGroup, alarms } = parts
  const cluster = new ecs.Cluster(scope, 'Cluster', {
    vpc: network.vpc,
    clusterName: settings.name,
    containerInsightsV2: ecs.ContainerInsights.ENABLED,
  })
  const blueGreen = settings.deployment.strategy === 'blue-green'
  const service = new ecs.FargateService(scope, 'Service', {
    cluster,
    serviceName: settings.name,
    taskDefinition: task,
    // No desiredCount: CloudFormation sets a given one at every update of the service, and so undoes what autoscaling has found.
    // Without one a new service begins with one task, and an update leaves the number alone (AWS::ECS::Service, DesiredCount);
    // registering the scalable target then raises it to its minimum (RegisterScalableTarget).
    assignPublicIp: false,
    vpcSubnets: network.privateSubnets,
    securityGroups: [securityGroup],
    availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.ENABLED,
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    circuitBreaker: { enable: true, rollback: true },
    deploymentAlarms: {
      alarmNames: alarms.map(({ alarmName }) => alarmName),
      behavior: ecs.AlarmBehavior.ROLLBACK_ON_ALARM,
    },
    healthCheckGracePeriod: Duration.seconds(60),
    enableExecuteCommand: settings.exec,
    enableECSManagedTags: true,
    propagateTags: ecs.PropagatedTagSource.SERVICE,
    ...(blueGreen && {
      deploymentStrategy: ecs.DeploymentStrategy.BLUE_GREEN,
      bakeTime: Duration.minutes(settings.deployment.bakeMinutes),
    }),
  })
  // a task that starts before its role has its rights fails
  service.node.addDependency(task)
  attach(service, entrance)
  return service
}

function attach(service: ecs.FargateService, { groups, rule }: Entrance) {
  const [first, second] = groups
  if (!first) throw new Error('there is no target group')
  const target = { containerName: CONTAINER, containerPort: FRONT_PORT }
  if (!second || !rule) {
    first.addTarget(service.loadBalancerTarget(target))
    return
  }
  const alternateTarget = new ecs.AlternateTarget('Switch', {
    alternateTargetGroup: second,
    productionListener: ecs.ListenerRuleConfiguration.applicationListenerRule(rule),
  })
  first.addTarget(service.loadBalancerTarget({ ...target, alternateTarget }))
  const role = service.node.tryFindChild('SwitchRole')
  if (role)
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers]',
      reason:
        'AWS keeps this policy for the blue/green switch of ECS and nothing else; only ECS itself takes the role.',
    })
}

/** What the tasks may reach, and who may reach them: the public ALB alone. */
export function createTaskGroup(
  scope: Construct,
  settings: Settings,
  network: Network,
  { balancer }: Entrance,
) {
  const { backend, reach, environment } = settings
  const group = new ec2.SecurityGroup(scope, 'TaskGroup', {
    vpc: network.vpc,
    description: 'The tasks: from the public ALB, to the private API and to AWS',
    allowAllOutbound: false,
  })
  balancer.connections.allowTo(group, ec2.Port.tcp(FRONT_PORT), 'the front')
  const api = ec2.Port.tcp(backend.origin.port)
  group.addEgressRule(ec2.Peer.securityGroupId(backend.securityGroupId), api, 'the private API')
  group.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'AWS: image, secrets, log')
  for (const { securityGroupId, port } of reach)
    group.addEgressRule(
      ec2.Peer.securityGroupId(securityGroupId),
      ec2.Port.tcp(port),
      'reach in the settings',
    )
  // no security group stops what is asked of AWS' own resolver; another one has to be let out to
  for (const server of ownResolvers(environment.DNS_SERVERS ?? '')) {
    group.addEgressRule(ec2.Peer.ipv4(`${server}/32`), ec2.Port.udp(53), 'DNS_SERVERS')
    group.addEgressRule(ec2.Peer.ipv4(`${server}/32`), ec2.Port.tcp(53), 'DNS_SERVERS')
  }
  if (backend.addIngressRule)
    new ec2.CfnSecurityGroupIngress(scope, 'BackendIngress', {
      groupId: backend.securityGroupId,
      sourceSecurityGroupId: group.securityGroupId,
      ipProtocol: 'tcp',
      fromPort: backend.origin.port,
      toPort: backend.origin.port,
      description: `The tasks of ${settings.name}`,
    })
  return group
}

const ownResolvers = (servers: string) =>
  servers
    .split(',')
    .map(each => each.trim().replace(/:\d+$/, ''))
    .filter(each => /^\d+(\.\d+){3}$/.test(each) && each !== '169.254.169.253')
