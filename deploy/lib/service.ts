import { Duration, Validations } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import type { ISecurityGroup } from 'aws-cdk-lib/aws-ec2'
import * as ecs from 'aws-cdk-lib/aws-ecs'
import type { Construct } from 'constructs'
import { type Entrance, FRONT_PORT } from './load-balancer.ts'
import { DEPLOYMENT, type GatehouseServiceProps, SCALING } from './props.ts'
import { CONTAINER } from './task.ts'
import { START_SECONDS } from './times.ts'

type Parts = {
  readonly entrance: Entrance
  readonly task: ecs.FargateTaskDefinition
  readonly securityGroup: ISecurityGroup
  /** that roll a deployment back */
  readonly alarms: readonly Alarm[]
}

/** The tasks: always twice as many as needed during a deployment, none taken away before its successor is healthy. */
export function createService(
  scope: Construct,
  props: GatehouseServiceProps,
  { entrance, task, securityGroup, alarms }: Parts,
): ecs.FargateService {
  const { strategy, bakeMinutes } = { ...DEPLOYMENT, ...props.deployment }
  const spot = props.task?.spot ?? false
  const service = new ecs.FargateService(scope, 'Service', {
    cluster: props.cluster ?? newCluster(scope, props, spot),
    serviceName: props.name,
    taskDefinition: task,
    // No desiredCount: CloudFormation sets a given one at every update of the service, and so undoes what autoscaling has found.
    // Without one a new service begins with one task, and an update leaves the number alone (AWS::ECS::Service, DesiredCount);
    // registering the scalable target then raises it to its minimum (RegisterScalableTarget).
    assignPublicIp: false,
    vpcSubnets: props.taskSubnets,
    securityGroups: [securityGroup, ...(props.task?.securityGroups ?? [])],
    availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.ENABLED,
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    circuitBreaker: { enable: true, rollback: true },
    deploymentAlarms: {
      alarmNames: alarms.map(({ alarmName }) => alarmName),
      behavior: ecs.AlarmBehavior.ROLLBACK_ON_ALARM,
    },
    healthCheckGracePeriod: Duration.seconds(props.task?.startSeconds ?? START_SECONDS),
    enableExecuteCommand: props.exec ?? false,
    enableECSManagedTags: true,
    propagateTags: ecs.PropagatedTagSource.SERVICE,
    ...(spot && { capacityProviderStrategies: providers(props) }),
    ...(strategy === 'blue-green' && {
      deploymentStrategy: ecs.DeploymentStrategy.BLUE_GREEN,
      bakeTime: Duration.minutes(bakeMinutes),
    }),
  })
  // a task that starts before its role has its rights fails
  service.node.addDependency(task)
  attach(service, entrance)
  return service
}

const newCluster = (scope: Construct, { vpc, name }: GatehouseServiceProps, spot: boolean) =>
  new ecs.Cluster(scope, 'Cluster', {
    vpc,
    clusterName: name,
    containerInsightsV2: ecs.ContainerInsights.ENABLED,
    ...(spot && { enableFargateCapacityProviders: true }),
  })

/** AWS takes a Spot task back with two minutes' notice, so one task is none; a single task for development may be. */
function providers({ scaling }: GatehouseServiceProps): ecs.CapacityProviderStrategy[] {
  const { max } = { ...SCALING, ...scaling }
  const spot = { capacityProvider: 'FARGATE_SPOT', weight: 1 }
  return max === 1 ? [spot] : [{ capacityProvider: 'FARGATE', base: 1, weight: 0 }, spot]
}

function attach(service: ecs.FargateService, { groups, rule }: Entrance) {
  const [first, second] = groups
  const target = { containerName: CONTAINER, containerPort: FRONT_PORT }
  // ECS refuses a target group that no listener has
  if (rule) service.node.addDependency(rule)
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
