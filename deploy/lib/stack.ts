import { CfnOutput, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { addAlarms, addDeploymentAlarms, createBell } from './alarms.ts'
import { addEndpoints } from './endpoints.ts'
import { createEntrance } from './load-balancer.ts'
import { createNetwork } from './network.ts'
import { addScaling } from './scaling.ts'
import { createService, createTaskGroup } from './service.ts'
import type { Settings } from './settings.ts'
import { createTask } from './task.ts'

/** Everything in one stack, in the order of a request: network, public ALB, tasks; then what watches and scales them. */
export function createStack(scope: Construct, settings: Settings): Stack {
  const { name, account, region } = settings
  return fill(
    new Stack(scope, name, {
      env: { account, region },
      description: 'Gatehouse: a Next.js front that keeps logins going (docs/ecs.md)',
      tags: { service: name },
      terminationProtection: true,
    }),
    settings,
  )
}

export function fill(stack: Stack, settings: Settings): Stack {
  const network = createNetwork(stack, settings)
  const entrance = createEntrance(stack, settings, network)
  const securityGroup = createTaskGroup(stack, settings, network, entrance)
  const secrets = Object.keys(settings.secrets).length > 0
  addEndpoints(stack, network, securityGroup, { secrets, exec: settings.exec })
  const { task, logGroup } = createTask(stack, settings, network.proxies)

  const bell = createBell(stack, settings)
  const alarms = addDeploymentAlarms(bell, settings, entrance)
  const service = createService(stack, { settings, network, entrance, task, securityGroup, alarms })
  addScaling(service, entrance, settings.scaling)
  addAlarms(bell, settings, entrance, service)

  const outputs = {
    Address: entrance.balancer.loadBalancerDnsName,
    ClusterName: service.cluster.clusterName,
    ServiceName: service.serviceName,
    LogGroupName: logGroup.logGroupName,
    TaskSecurityGroup: securityGroup.securityGroupId,
  }
  for (const [id, value] of Object.entries(outputs)) new CfnOutput(stack, id, { value })
  return stack
}
