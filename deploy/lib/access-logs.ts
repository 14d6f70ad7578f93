import { CfnCondition, CfnMapping, Duration, Fn, RemovalPolicy, Stack, Token, Validations } from 'aws-cdk-lib'
import type { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as s3 from 'aws-cdk-lib/aws-s3'
import { RegionInfo } from 'aws-cdk-lib/region-info'
import type { Construct } from 'constructs'

/** Who asked for what, when and how it was answered: the one place where the ALB's own 502 and 504 are seen. */
export function accessLogs(scope: Construct, days: number): s3.Bucket {
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

/**
 * Lets the ALB write there: what CDK's logAccessLogs grants (the region's ELB account where it has one, and delivery.logs), and the
 * service principal that AWS documents for every region. Not by logAccessLogs itself: it has to know the region, which the
 * CloudFormation template (lib/template.ts) does not.
 */
export function logTo(balancer: ApplicationLoadBalancer, bucket: s3.Bucket): void {
  const objects = bucket.arnForObjects(`AWSLogs/${Stack.of(bucket).account}/*`)
  const allow = (actions: string[], resource: string, principal: iam.IPrincipal, conditions = {}) =>
    bucket.addToResourcePolicy(
      new iam.PolicyStatement({ principals: [principal], actions, resources: [resource], conditions }),
    )
  for (const principal of writers(bucket)) allow(['s3:PutObject'], objects, principal)
  const delivery = new iam.ServicePrincipal('delivery.logs.amazonaws.com')
  allow(['s3:PutObject'], objects, delivery, {
    StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' },
  })
  allow(['s3:GetBucketAcl'], bucket.bucketArn, delivery)
  balancer.setAttribute('access_logs.s3.enabled', 'true')
  balancer.setAttribute('access_logs.s3.bucket', bucket.bucketName)
  // AWS tries to write as soon as it is told to
  if (bucket.policy) balancer.node.addDependency(bucket.policy)
}

function writers(scope: Construct): iam.IPrincipal[] {
  const { region } = Stack.of(scope)
  const service = new iam.ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')
  if (Token.isUnresolved(region)) return [service, new iam.ArnPrincipal(inAnyRegion(scope))]
  const account = RegionInfo.get(region).elbv2Account
  return account === undefined ? [service] : [service, new iam.AccountPrincipal(account)]
}

const NONE = 'none'

/** The ELB account of whichever region the template is used in; where that has none, the bucket's owner, who may write anyway. */
function inAnyRegion(scope: Construct): string {
  const { region, partition, account } = Stack.of(scope)
  const { logicalId } = new CfnMapping(scope, 'BalancerAccounts', {
    mapping: Object.fromEntries(
      RegionInfo.regions.map(({ name, elbv2Account = NONE }) => [name, { account: elbv2Account }]),
    ),
  })
  const found = Fn.findInMap(logicalId, region, 'account')
  const known = new CfnCondition(scope, 'BalancerAccountKnown', {
    expression: Fn.conditionNot(Fn.conditionEquals(found, NONE)),
  })
  return `arn:${partition}:iam::${Fn.conditionIf(known.logicalId, found, account).toString()}:root`
}
