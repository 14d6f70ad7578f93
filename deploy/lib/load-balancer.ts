import { Duration, Validations } from 'aws-cdk-lib'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import type { Construct } from 'constructs'
import { accessLogs, logTo } from './access-logs.ts'
import type { ExistingListener, GatehouseServiceProps, NewLoadBalancer } from './props.ts'
import { IDLE_SECONDS, timesFor } from './times.ts'

/** Where the front listens in its container, for people and for the health checks; and its admin listener. */
export const FRONT_PORT = 4000
export const ADMIN_PORT = 4001

export type Entrance = {
  /** the ALB that was made here; undefined where an existing listener is used */
  readonly balancer: elb.ApplicationLoadBalancer | undefined
  readonly listener: elb.IApplicationListener
  /** where the tasks are put: one group, or for blue/green two, of which one has the traffic */
  readonly groups: readonly [elb.ApplicationTargetGroup, ...elb.ApplicationTargetGroup[]]
  /** the rule that forwards to them; undefined where the listener's default action does */
  readonly rule: elb.ApplicationListenerRule | undefined
}

type Props = GatehouseServiceProps

/** Where requests come in: a public ALB of its own, or a rule at a listener that exists; and the target group of the tasks. */
export function createEntrance(scope: Construct, props: Props): Entrance {
  const blueGreen = props.deployment?.strategy === 'blue-green'
  const group = (name: string) => targetGroup(scope, name, props)
  const groups: Entrance['groups'] = blueGreen ? [group('Blue'), group('Green')] : [group('Tasks')]
  const { loadBalancer } = props
  if (loadBalancer.use === 'existing') return atListener(scope, loadBalancer, groups)
  return atNewBalancer(scope, props, loadBalancer, groups)
}

function atListener(
  scope: Construct,
  { listener, priority, conditions }: ExistingListener,
  groups: Entrance['groups'],
): Entrance {
  const rule = forwardingRule(scope, listener, priority, conditions, groups)
  return { balancer: undefined, listener, groups, rule }
}

/** HTTPS for everybody, HTTP redirected to it; or HTTPS for whom the settings name: a prefix list counts with all of its entries in the group's quota of 60 rules, so not twice. */
function atNewBalancer(
  scope: Construct,
  { vpc, dualStack = false }: Props,
  { subnets, certificates, accessDays = 90, idleSeconds = IDLE_SECONDS, ...given }: NewLoadBalancer,
  groups: Entrance['groups'],
): Entrance {
  const { clients = [], protection = true } = given
  const open = clients.length === 0
  const securityGroup = new ec2.SecurityGroup(scope, 'BalancerGroup', {
    vpc,
    // the same with clients: another text makes another group, and cuts the ALB off from the tasks meanwhile
    description: 'The public ALB: anybody in, the tasks out',
    allowAllOutbound: false,
  })
  Validations.of(securityGroup).acknowledge({
    id: 'AwsSolutions-EC23',
    reason:
      'It is the entrance of a public web site: ports 80 (only ever redirected) and 443 are for everybody.',
  })
  const balancer = new elb.ApplicationLoadBalancer(scope, 'Balancer', {
    vpc,
    vpcSubnets: subnets,
    internetFacing: true,
    securityGroup,
    idleTimeout: Duration.seconds(idleSeconds),
    desyncMitigationMode: elb.DesyncMitigationMode.STRICTEST,
    dropInvalidHeaderFields: true,
    deletionProtection: protection,
    ...(dualStack && { ipAddressType: elb.IpAddressType.DUAL_STACK }),
  })
  logTo(balancer, accessLogs(scope, accessDays))
  for (const peer of clients) securityGroup.addIngressRule(peer, ec2.Port.tcp(443), 'loadBalancer.clients')
  balancer.addRedirect({ open })
  const listener = balancer.addListener('Https', {
    port: 443,
    open,
    protocol: elb.ApplicationProtocol.HTTPS,
    certificates: [...certificates],
    sslPolicy: elb.SslPolicy.TLS13_RES,
    defaultAction: elb.ListenerAction.forward([groups[0]]),
  })
  const everything = [elb.ListenerCondition.pathPatterns(['/*'])]
  const rule = groups.length === 1 ? undefined : forwardingRule(scope, listener, 1, everything, groups)
  return { balancer, listener, groups, rule }
}

function forwardingRule(
  scope: Construct,
  listener: elb.IApplicationListener,
  priority: number,
  conditions: readonly elb.ListenerCondition[],
  groups: Entrance['groups'],
) {
  const weights = groups.map((targetGroup, index) => ({ targetGroup, weight: index === 0 ? 100 : 0 }))
  return new elb.ApplicationListenerRule(scope, 'Production', {
    listener,
    priority,
    conditions: [...conditions],
    action:
      groups.length === 1
        ? elb.ListenerAction.forward([groups[0]])
        : elb.ListenerAction.weightedForward(weights),
  })
}

function targetGroup(scope: Construct, name: string, { vpc, environment = {}, loadBalancer, task }: Props) {
  const { deregistrationDelay } = timesFor(environment, loadBalancer.idleSeconds ?? IDLE_SECONDS, task?.spot)
  return new elb.ApplicationTargetGroup(scope, name, {
    vpc,
    port: FRONT_PORT,
    protocol: elb.ApplicationProtocol.HTTP,
    targetType: elb.TargetType.IP,
    deregistrationDelay: Duration.seconds(deregistrationDelay),
    healthCheck: {
      // 503 from SIGTERM on, which a Spot task may get while it is in the group (times.ts)
      path: `${environment.HEALTH_PREFIX?.trim() ?? ''}${task?.spot ? '/readyz' : '/healthz'}`,
      healthyHttpCodes: '200',
      interval: Duration.seconds(10),
      timeout: Duration.seconds(5),
      healthyThresholdCount: 2,
      unhealthyThresholdCount: 3,
    },
  })
}
