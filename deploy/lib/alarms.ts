import { Annotations, Aws, Duration } from 'aws-cdk-lib'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { FargateService } from 'aws-cdk-lib/aws-ecs'
import { HttpCodeElb, HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as sns from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import type { Construct } from 'constructs'
import type { Entrance } from './load-balancer.ts'
import type { Settings } from './settings.ts'

const { GREATER_THAN_THRESHOLD, LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator
const RUNBOOK = 'docs/runbook.md'
const ONE = Duration.minutes(1)
const FIVE = Duration.minutes(5)

/** Fires when the metric was beyond the limit in each of so many periods. */
type Rule = {
  readonly metric: cloudwatch.IMetric
  readonly above?: number
  readonly below?: number
  readonly periods: number
  /** what it means, and the section of the runbook */
  readonly means: string
  /** no value at all means that nothing runs */
  readonly silenceIsBad?: boolean
}

export type Bell = (name: string, rule: Rule) => cloudwatch.Alarm

/** Where alarms go: a topic of this stack, and whoever confirms the e-mail that AWS sends then. */
export function createBell(scope: Construct, { name, alarms: { emails } }: Settings): Bell {
  const topic = new sns.Topic(scope, 'Alarms', { displayName: name, enforceSSL: true })
  // a topic with a policy has lost the one that lets CloudWatch publish
  topic.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  )
  for (const email of emails) topic.addSubscription(new EmailSubscription(email))
  if (emails.length === 0)
    Annotations.of(topic).addWarningV2(
      'gatehouse:alarms-to-nobody',
      'Nobody hears of the alarms: name at least one address in the setting alarms.emails, or subscribe to this topic yourself.',
    )
  const action = new SnsAction(topic)
  return (id, { metric, above, below, periods, means, silenceIsBad = false }) => {
    const alarm = new cloudwatch.Alarm(scope, id, {
      alarmName: `${name}-${id}`,
      alarmDescription: means,
      metric,
      threshold: above ?? below ?? 0,
      comparisonOperator: above === undefined ? LESS_THAN_THRESHOLD : GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: silenceIsBad
        ? cloudwatch.TreatMissingData.BREACHING
        : cloudwatch.TreatMissingData.NOT_BREACHING,
    })
    alarm.addAlarmAction(action)
    alarm.addOkAction(action)
    return alarm
  }
}

/** What the front says of itself: METRICS=emf, lib/observe/emf.ts. One series for all tasks with this backend. */
const own =
  ({ backend }: Settings) =>
  (metricName: string, statistic: 'Sum' | 'Minimum' | 'Maximum', period = ONE) =>
    new cloudwatch.Metric({
      namespace: 'Gatehouse',
      metricName,
      dimensionsMap: { Backend: backend.origin.host },
      statistic,
      period,
    })

/** The alarms that roll a deployment back: people see errors. They know nothing of the service, which waits for them. */
export function addDeploymentAlarms(bell: Bell, settings: Settings, { balancer }: Entrance) {
  const fivehundreds = balancer.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { period: ONE })
  return [
    bell('LoginsFail', {
      metric: own(settings)('LoginsFailed', 'Sum', FIVE),
      above: 5,
      periods: 1,
      means: `Logins fail: ${RUNBOOK}#logins-fail`,
    }),
    bell('LoginsMisrouted', {
      metric: new cloudwatch.MathExpression({
        // half of them at least, for an API may say 404 of a user that it does not know
        expression: 'IF(misrouted > 2 AND misrouted >= 0.5 * posted, 1, 0)',
        usingMetrics: {
          misrouted: own(settings)('LoginsMisrouted', 'Sum', FIVE),
          posted: own(settings)('LoginsPosted', 'Sum', FIVE),
        },
        label: 'most logins get 404, 405, 415 or 421',
        period: FIVE,
      }),
      above: 0,
      periods: 1,
      means: `The API has no login there: ${RUNBOOK}#every-login-gets-404`,
    }),
    bell('Tasks5xx', {
      metric: fivehundreds,
      above: 10,
      periods: 3,
      means: `The front, or through it the API, answers 5xx: ${RUNBOOK}#the-backend-itself-says-5xx`,
    }),
  ]
}

/** All others. */
export function addAlarms(bell: Bell, settings: Settings, entrance: Entrance, service: FargateService): void {
  const gatehouse = own(settings)
  const rules: Readonly<Record<string, Rule>> = {
    LoginsSlow: {
      metric: gatehouse('LoginP99', 'Maximum', FIVE),
      above: settings.alarms.loginP99Ms,
      periods: 3,
      means: `Logins are slow: ${RUNBOOK}#logins-are-slow`,
    },
    DnsStale: {
      metric: gatehouse('DnsStale', 'Maximum'),
      above: 0,
      periods: 2,
      means: `DNS is stale: ${RUNBOOK}#dns-is-stale`,
    },
    NoAddress: {
      metric: gatehouse('AddressesListed', 'Minimum'),
      below: 1,
      periods: 2,
      means: `DNS names no address of the API: ${RUNBOOK}#no-address-can-be-reached`,
    },
    NoPageWorker: {
      metric: gatehouse('PageWorkersReady', 'Minimum'),
      below: 1,
      periods: 2,
      means: `Pages are 503, logins are fine: ${RUNBOOK}#pages-are-503-and-logins-are-fine`,
    },
    TooFewReady: {
      metric: gatehouse('Ready', 'Sum'),
      below: settings.scaling.min,
      periods: 5,
      silenceIsBad: true,
      means: `Fewer tasks are ready than there should be: ${RUNBOOK}#the-front-does-not-start`,
    },
    Balancer5xx: {
      metric: entrance.balancer.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, { period: FIVE }),
      above: 5,
      periods: 1,
      means: `The public ALB itself answers 5xx: it finds no task, or one breaks off: ${RUNBOOK}#a-deployment-drops-logins`,
    },
    CpuHigh: {
      metric: service.metricCpuUtilization({ period: FIVE }),
      above: 85,
      periods: 2,
      means: 'The tasks have too little CPU, and scaling did not help: "scaling.max" or "task.cpu"',
    },
    MemoryHigh: {
      metric: service.metricMemoryUtilization({ period: FIVE, statistic: 'Maximum' }),
      above: 90,
      periods: 2,
      means: `A task is nearly out of memory: ${RUNBOOK}#page-workers-start-again-and-again`,
    },
  }
  for (const [id, rule] of Object.entries(rules)) bell(id, rule)
  for (const group of entrance.groups)
    bell(`Unhealthy${entrance.groups.length > 1 ? group.node.id : ''}`, {
      metric: group.metrics.unhealthyHostCount({ period: ONE, statistic: 'Maximum' }),
      above: 0,
      periods: 5,
      means: `A task does not answer /healthz: ${RUNBOOK}#the-front-does-not-start`,
    })
}
