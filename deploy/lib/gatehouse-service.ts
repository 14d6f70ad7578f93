import { RemovalPolicy } from 'aws-cdk-lib'
import type * as ec2 from 'aws-cdk-lib/aws-ec2'
import type * as ecs from 'aws-cdk-lib/aws-ecs'
import * as logs from 'aws-cdk-lib/aws-logs'
import type * as sns from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import { addAlarms, addDeploymentAlarms, createAlarms } from './alarms.ts'
import { createDashboard, dashboardUrl } from './dashboard.ts'
import { createEntrance, type Entrance } from './load-balancer.ts'
import { ownMetrics } from './metrics.ts'
import { type GatehouseServiceProps, SCALING } from './props.ts'
import { addScaling } from './scaling.ts'
import { createTaskGroup } from './security-group.ts'
import { createService } from './service.ts'
import { createTask } from './task.ts'
import { onSpot } from './times.ts'

/**
 * Gatehouse as an ECS service on Fargate, in what a team has already or in what it makes: load balancer or a rule at a listener that
 * exists, cluster, tasks, autoscaling, alarms, dashboard. A class, since that is what a construct is to CDK.
 */
export class GatehouseService extends Construct {
  readonly service: ecs.FargateService
  readonly task: ecs.FargateTaskDefinition
  /** of the tasks */
  readonly securityGroup: ec2.SecurityGroup
  readonly entrance: Entrance
  readonly logGroup: logs.LogGroup
  /** where the alarms go */
  readonly topic: sns.Topic
  readonly dashboardUrl: string

  constructor(scope: Construct, id: string, given: GatehouseServiceProps) {
    super(scope, id)
    const props = given.task?.spot ? { ...given, environment: onSpot(given.environment ?? {}) } : given
    const { name } = props
    this.entrance = createEntrance(this, props)
    this.securityGroup = createTaskGroup(this, props, this.entrance)
    this.logGroup = new logs.LogGroup(this, 'Logs', {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.RETAIN,
      ...props.logs,
    })
    this.task = createTask(this, props, this.logGroup)

    const alarms = createAlarms(this, props)
    const { entrance, task, securityGroup, logGroup } = this
    const thatRollBack = addDeploymentAlarms(alarms, props, entrance)
    this.service = createService(this, props, { entrance, task, securityGroup, alarms: thatRollBack })
    const scaling = { ...SCALING, ...props.scaling }
    // a template's number is a token, and none that could be compared by size
    if (scaling.max !== 1) addScaling(this.service, entrance, scaling)
    addAlarms(alarms, props, entrance, this.service)

    this.topic = alarms.topic
    const own = ownMetrics(props)
    createDashboard(this, { name, own, alarms: alarms.made, entrance, service: this.service, logGroup })
    this.dashboardUrl = dashboardUrl(this, name)
  }
}
