import type * as acm from 'aws-cdk-lib/aws-certificatemanager'
import type * as ec2 from 'aws-cdk-lib/aws-ec2'
import type * as ecs from 'aws-cdk-lib/aws-ecs'
import type * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import type * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'
import type { RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Origin } from './parse.ts'

/** What `GatehouseService` takes. Whatever is optional has the default of the settings file (docs/ecs.md). */
export type GatehouseServiceProps = {
  /** the service's name, a new cluster's, the task definition's family; alarms begin with it; the metrics' dimension Service */
  readonly name: string
  /** the metrics' dimension Environment; default `production` */
  readonly environmentName?: string
  readonly vpc: ec2.IVpc
  /** where the tasks run */
  readonly taskSubnets: ec2.SubnetSelection
  readonly image: ecs.ContainerImage
  readonly backend: Backend
  readonly loadBalancer: NewLoadBalancer | ExistingListener
  /** addresses or ranges whose X-Forwarded-For is trusted: those of the ALB's subnets */
  readonly trustedProxies: readonly string[]
  /** a cluster that exists; default: a new one. For Spot it needs the capacity providers FARGATE and FARGATE_SPOT */
  readonly cluster?: ecs.ICluster
  readonly task?: TaskProps
  readonly scaling?: Partial<Scaling>
  readonly deployment?: Partial<Deployment>
  /** Gatehouse's settings and the app's */
  readonly environment?: Readonly<Record<string, string>>
  /** by variable; a secret that was made with its encryptionKey also gets kms:Decrypt for it */
  readonly secrets?: Readonly<Record<string, ecs.Secret>>
  /** what else the tasks reach inside the VPC */
  readonly reach?: readonly { readonly peer: ec2.IPeer; readonly port: number }[]
  /**
   * who may read the admin listener over the network, at port 4001, with the token in `secrets.ADMIN_TOKEN`; sidecars need no rule:
   * they share the task's loopback
   */
  readonly adminClients?: readonly ec2.IPeer[]
  readonly logs?: { readonly retention?: RetentionDays; readonly encryptionKey?: kms.IKey }
  readonly alarms?: Partial<AlarmProps>
  /** ECS Exec; its agent needs a writable root */
  readonly exec?: boolean
  /** IPv6 beside IPv4, at a new load balancer and in the tasks' security group; the subnets need IPv6 ranges */
  readonly dualStack?: boolean
}

export type Backend = {
  readonly origin: Origin
  /** the image has gatehouse.config.ts, so that BACKEND_ORIGIN is not set; `origin` is then that of its logins. Default false */
  readonly routesInImage?: boolean
  /** how the tasks' security group lets them reach it; none: its HTTPS rule for all addresses covers port 443 */
  readonly peers?: readonly ec2.IPeer[]
}

export type NewLoadBalancer = {
  readonly use: 'new'
  readonly subnets: ec2.SubnetSelection
  readonly certificates: readonly acm.ICertificate[]
  /** days that access logs stay in S3; default 90 */
  readonly accessDays?: number
  /** seconds; default 60 */
  readonly idleSeconds?: number
  /** who reaches it, at port 443; default: everybody, port 80 being redirected */
  readonly clients?: readonly ec2.IPeer[]
  /** deletion protection; default true. Off for the first deployment, which AWS could not roll back otherwise */
  readonly protection?: boolean
}

export type ExistingListener = {
  readonly use: 'existing'
  /** with its security group, from which the tasks accept requests */
  readonly listener: elb.IApplicationListener
  /** the idle timeout that its load balancer has, in seconds; default 60 */
  readonly idleSeconds?: number
  /** of the rule that is added to it */
  readonly priority: number
  readonly conditions: readonly elb.ListenerCondition[]
}

export type TaskProps = {
  /** 1024 is one vCPU; MiB */
  readonly cpu?: number
  readonly memory?: number
  readonly architecture?: ecs.CpuArchitecture
  /**
   * seconds in which a task that starts is not ended for a health check that fails, that of the container or of the ALB: Gatehouse
   * listens when its pages are ready. Default 60; at most 300, as ECS has it
   */
  readonly startSeconds?: number
  /** folders that the app writes to */
  readonly writable?: readonly string[]
  /** all tasks but one on Fargate Spot; a service of one task is all on Spot */
  readonly spot?: boolean
  /** besides the group of its own */
  readonly securityGroups?: readonly ec2.ISecurityGroup[]
  readonly roleStatements?: readonly iam.PolicyStatement[]
  readonly sidecars?: readonly Sidecar[]
}

/** Another container of the task. It shares the loopback with the front: the admin listener is http://127.0.0.1:4001 for it. */
export type Sidecar = {
  readonly name: string
  readonly image: ecs.ContainerImage
  /** MiB; the front gets what is left of the task's memory */
  readonly memory: number
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly secrets?: Readonly<Record<string, ecs.Secret>>
  /** whether the task ends with it; default false: a collector that fails must not end logins */
  readonly essential?: boolean
  /** default true */
  readonly readOnlyRoot?: boolean
}

export type Scaling = {
  /** both 1: one task and no autoscaling, for development */
  readonly min: number
  readonly max: number
  /** a minute */
  readonly requestsPerTask: number
  readonly cpuPercent: number
}

export type Deployment = {
  readonly strategy: 'rolling' | 'blue-green'
  readonly bakeMinutes: number
}

export type AlarmProps = {
  readonly emails: readonly string[]
  readonly loginP99Ms: number
  /** a share of failed logins, pages or calls to the API from which on an alarm fires, if there are `leastFailed` of them in 5 minutes */
  readonly failedPercent: number
  readonly leastFailed: number
  /** so many logins within 5 minutes that all failed fire one, too */
  readonly leastTries: number
  /** where docs/ is for whoever gets an alarm: https://git.dev.jp/gatehouse/docs; its links then begin with it */
  readonly docs: string | undefined
}

export const SCALING: Scaling = { min: 2, max: 10, requestsPerTask: 3000, cpuPercent: 60 }
export const DEPLOYMENT: Deployment = { strategy: 'rolling', bakeMinutes: 10 }
export const ALARMS: AlarmProps = {
  emails: [],
  loginP99Ms: 2000,
  failedPercent: 5,
  leastFailed: 5,
  leastTries: 3,
  docs: undefined,
}
