import { Duration } from 'aws-cdk-lib'
import { CfnScalingPolicy } from 'aws-cdk-lib/aws-applicationautoscaling'
import type { FargateService } from 'aws-cdk-lib/aws-ecs'
import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import type { Entrance } from './load-balancer.ts'
import type { Scaling } from './props.ts'

/** Out within minutes, in slowly: a task too many costs cents, one too few costs logins. */
const PACE = { scaleOutCooldown: Duration.minutes(1), scaleInCooldown: Duration.minutes(5) }

/** More tasks where each gets too many requests a minute or has too little CPU; whichever wants more tasks wins. */
export function addScaling(
  service: FargateService,
  { groups: [first, second] }: Entrance,
  { min, max, requestsPerTask, cpuPercent }: Scaling,
): void {
  const scaling = service.autoScaleTaskCount({ minCapacity: min, maxCapacity: max })
  scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: cpuPercent, ...PACE })
  if (!second) {
    scaling.scaleOnRequestCount('Requests', {
      requestsPerTarget: requestsPerTask,
      targetGroup: first,
      ...PACE,
    })
    return
  }
  // AWS' ready-made metric follows one target group, and blue/green moves between two
  new CfnScalingPolicy(service, 'Requests', {
    policyName: 'Requests',
    policyType: 'TargetTrackingScaling',
    scalingTargetId: scaling.scalableTargetRef.resourceId,
    targetTrackingScalingPolicyConfiguration: {
      targetValue: requestsPerTask,
      scaleOutCooldown: PACE.scaleOutCooldown.toSeconds(),
      scaleInCooldown: PACE.scaleInCooldown.toSeconds(),
      customizedMetricSpecification: {
        metrics: [
          perTarget('blue', first),
          perTarget('green', second),
          {
            id: 'both',
            expression: 'FILL(blue, 0) + FILL(green, 0)',
            label: 'requests a task',
            returnData: true,
          },
        ],
      },
    },
  })
}

const perTarget = (id: string, group: ApplicationTargetGroup) => ({
  id,
  returnData: false,
  metricStat: {
    stat: 'Sum',
    metric: {
      namespace: 'AWS/ApplicationELB',
      metricName: 'RequestCountPerTarget',
      dimensions: [{ name: 'TargetGroup', value: group.targetGroupFullName }],
    },
  },
})
