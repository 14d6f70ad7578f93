import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import * as acm from 'aws-cdk-lib/aws-certificatemanager'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as route53 from 'aws-cdk-lib/aws-route53'
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets'
import * as s3 from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import type { Network } from './network.ts'
import type { Settings } from './settings.ts'
import { IDLE_SECONDS, timesFor } from './times.ts'

/** Where the front listens in its container. */
export const FRONT_PORT = 4000

export type Entrance = {
  readonly balancer: elb.ApplicationLoadBalancer
  /** where the tasks are put: one group, or for blue/green two, of which one has the traffic */
  readonly groups: readonly elb.ApplicationTargetGroup[]
  /** blue/green alone: the rule that ECS moves the traffic with */
  readonly rule: elb.ApplicationListenerRule | undefined
}

/** The public ALB: HTTPS for everybody, HTTP sent on to it, and the target group of the tasks. */
export function createEntrance(scope: Construct, settings: Settings, network: Network): Entrance {
  const { vpc, publicSubnets } = network
  const securityGroup = new ec2.SecurityGroup(scope, 'BalancerGroup', {
    vpc,
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
    vpcSubnets: publicSubnets,
    internetFacing: true,
    securityGroup,
    idleTimeout: Duration.seconds(IDLE_SECONDS),
    desyncMitigationMode: elb.DesyncMitigationMode.STRICTEST,
    dropInvalidHeaderFields: true,
    deletionProtection: true,
  })
  logTo(balancer, accessLogs(scope, settings.logs.accessDays))
  balancer.addRedirect()

  const groups = (settings.deployment.strategy === 'rolling' ? ['Tasks'] : ['Blue', 'Green']).map(name =>
    targetGroup(scope, name, network, settings),
  )
  const [first] = groups
  if (!first) throw new Error('there is no target group')
  const listener = balancer.addListener('Https', {
    port: 443,
    protocol: elb.ApplicationProtocol.HTTPS,
    certificates: [certificate(scope, settings.certificate, balancer)],
    sslPolicy: elb.SslPolicy.TLS13_RES,
    defaultAction: elb.ListenerAction.forward([first]),
  })
  const rule =
    groups.length === 1
      ? undefined
      : new elb.ApplicationListenerRule(scope, 'Production', {
          listener,
          priority: 1,
          conditions: [elb.ListenerCondition.pathPatterns(['/*'])],
          action: elb.ListenerAction.weightedForward(
            groups.map((targetGroup, index) => ({ targetGroup, weight: index === 0 ? 100 : 0 })),
          ),
        })
  return { balancer, groups, rule }
}

function targetGroup(scope: Construct, name: string, { vpc }: Network, { environment }: Settings) {
  return new elb.ApplicationTargetGroup(scope, name, {
    vpc,
    port: FRONT_PORT,
    protocol: elb.ApplicationProtocol.HTTP,
    targetType: elb.TargetType.IP,
    deregistrationDelay: Duration.seconds(timesFor(environment).deregistrationDelay),
    healthCheck: {
      path: '/healthz',
      healthyHttpCodes: '200',
      interval: Duration.seconds(10),
      timeout: Duration.seconds(5),
      healthyThresholdCount: 2,
      unhealthyThresholdCount: 3,
    },
  })
}

function certificate(
  scope: Construct,
  settings: Settings['certificate'],
  balancer: elb.ApplicationLoadBalancer,
): acm.ICertificate {
  if (settings.use === 'arn') return acm.Certificate.fromCertificateArn(scope, 'Certificate', settings.arn)
  const { domain, hostedZoneId, hostedZoneName: zoneName } = settings
  const zone = route53.HostedZone.fromHostedZoneAttributes(scope, 'Zone', { hostedZoneId, zoneName })
  new route53.ARecord(scope, 'Name', {
    zone,
    recordName: domain,
    target: route53.RecordTarget.fromAlias(new LoadBalancerTarget(balancer)),
  })
  return new acm.Certificate(scope, 'Certificate', {
    domainName: domain,
    validation: acm.CertificateValidation.fromDns(zone),
  })
}

/** Who asked for what, when and how it was answered: the one place where the ALB's own 502 and 504 are seen. */
function accessLogs(scope: Construct, days: number): s3.Bucket {
  const bucket = new s3.Bucket(scope, 'AccessLogs', {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    // an ALB writes to no bucket with a KMS key
    encryption: s3.BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    lifecycleRules: [{ expiration: Duration.days(days) }],
    removalPolicy: RemovalPolicy.RETAIN,
  })
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason:
      'It holds the access logs itself; logging who reads them is the work of CloudTrail (S3 data events).',
  })
  return bucket
}

/** By hand: CDK's logAccessLogs needs to know the region, and the CloudFormation template (lib/template.ts) is for any. */
function logTo(balancer: elb.ApplicationLoadBalancer, bucket: s3.Bucket) {
  const accounts = bucket.arnForObjects(`AWSLogs/${Stack.of(bucket).account}/*`)
  bucket.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: [accounts],
    }),
  )
  balancer.setAttribute('access_logs.s3.enabled', 'true')
  balancer.setAttribute('access_logs.s3.bucket', bucket.bucketName)
  // AWS tries to write as soon as it is told to
  if (bucket.policy) balancer.node.addDependency(bucket.policy)
}
