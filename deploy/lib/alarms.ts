import { Annotations, Aws, Duration } from 'aws-cdk-lib'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { FargateService } from 'aws-cdk-lib/aws-ecs'
import { HttpCodeElb } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as sns from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import type { Construct } from 'constructs'
import { dashboardUrl } from './dashboard.ts'
import type { Entrance } from './load-balancer.ts'
import { LOGINS } from './logins.ts'
import { FIVE, fail, loginsFail, loginsMisrouted, noneOf, ONE, ownMetrics, tasks5xx } from './metrics.ts'
import { ALARMS, type GatehouseServiceProps, SCALING } from './props.ts'

const { GREATER_THAN_THRESHOLD, LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator
const HALF_AN_HOUR = Duration.minutes(30)
/** Within half an hour: fewer may be one person, or a guesser, who has forgotten a password. */
const TRIES_OF_SEVERAL = 20

/** Fires when the metric was beyond the limit in each of so many periods. */
type Rule = {
  readonly metric: cloudwatch.IMetric
  readonly above?: number
  readonly below?: number
  readonly periods: number
  /** what it means, in a sentence without its full stop */
  readonly means: string
  /** the section of docs/runbook.md */
  readonly section: string
  /** no value at all means that nothing runs */
  readonly silenceIsBad?: boolean
}

export type Alarms = {
  readonly topic: sns.Topic
  /** what was made so far */
  readonly made: cloudwatch.Alarm[]
  add(name: string, rule: Rule): cloudwatch.Alarm
}

/** Where alarms go: a topic of this stack, and whoever confirms the e-mail that AWS sends then. */
export function createAlarms(scope: Construct, { name, alarms: given }: GatehouseServiceProps): Alarms {
  const { emails, docs } = { ...ALARMS, ...given }
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
  else if (docs === undefined)
    Annotations.of(topic).addWarningV2(
      'gatehouse:runbook-without-link',
      'The runbook in the alarms is a path and no link: say where you keep docs/ in the setting alarms.docs.',
    )
  const action = new SnsAction(topic)
  const made: cloudwatch.Alarm[] = []
  const dashboard = dashboardUrl(scope, name)
  const runbook = docs === undefined ? 'docs/runbook.md' : `${docs.replace(/\/$/, '')}/runbook.md`
  return {
    topic,
    made,
    add(id, { metric, above, below, periods, means, section, silenceIsBad = false }) {
      const alarm = new cloudwatch.Alarm(scope, id, {
        alarmName: `${name}-${id}`,
        alarmDescription: `${means}. Runbook: ${runbook}#${section} Dashboard: ${dashboard}`,
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
      made.push(alarm)
      return alarm
    },
  }
}

/** The alarms that roll a deployment back: people see errors, or would. They know nothing of the service, which waits for them. */
export function addDeploymentAlarms({ add }: Alarms, props: GatehouseServiceProps, entrance: Entrance) {
  const own = ownMetrics(props)
  const limits = { ...ALARMS, ...props.alarms }
  const { leastFailed, failedPercent, leastTries } = limits
  return [
    add('LoginsFail', {
      metric: loginsFail(own, limits),
      above: 0,
      periods: 1,
      means: `Of the logins of 5 minutes ${failedPercent} % or more failed, and ${leastFailed} or more in number`,
      section: 'logins-fail',
    }),
    add('LoginsAllFail', {
      metric: noneOf(own, [...LOGINS.succeeded, ...LOGINS.refused], leastTries, FIVE),
      above: 0,
      periods: 1,
      means: `Every login of 5 minutes failed, ${leastTries} or more: the API let nobody in and refused no password`,
      section: 'logins-fail',
    }),
    add('LoginsMisrouted', {
      metric: loginsMisrouted(own, leastTries),
      above: 0,
      periods: 1,
      means: `Of the logins of 5 minutes at least half, and at least ${leastTries}, got 404, 405, 415 or 421: the API has no login there`,
      section: 'every-login-gets-404',
    }),
    add('NoAddress', {
      metric: own('AddressesListed', 'Minimum'),
      below: 1,
      periods: 2,
      means: 'DNS names no address of the API, or of one of several',
      section: 'logins-are-503-since-the-start',
    }),
    add('Tasks5xx', {
      metric: tasks5xx(entrance, { leastFailed: 2 * leastFailed, failedPercent }),
      above: 0,
      periods: 1,
      means: `Gatehouse, or through it the API, answered ${failedPercent} % of the requests of 5 minutes with 5xx`,
      section: 'the-backend-itself-says-5xx',
    }),
  ]
}

/** All others. */
export function addAlarms(
  alarms: Alarms,
  props: GatehouseServiceProps,
  entrance: Entrance,
  service: FargateService,
): void {
  const own = ownMetrics(props)
  const limits = { ...ALARMS, ...props.alarms }
  const { min } = { ...SCALING, ...props.scaling }
  const rules: Readonly<Record<string, Rule>> = {
    NobodyLogsIn: {
      metric: noneOf(own, LOGINS.succeeded, TRIES_OF_SEVERAL, HALF_AN_HOUR),
      above: 0,
      periods: 1,
      means: `Of ${TRIES_OF_SEVERAL} or more logins of 30 minutes none succeeded: the API refuses everybody, or somebody guesses`,
      section: 'the-api-answers-4xx',
    },
    PagesFail: {
      metric: fail(own, 'Pages', limits),
      above: 0,
      periods: 1,
      means: `Of the pages of 5 minutes ${limits.failedPercent} % or more failed`,
      section: 'pages-are-503-and-logins-are-fine',
    },
    EgressFail: {
      metric: fail(own, 'Egress', limits),
      above: 0,
      periods: 1,
      means: `Of the calls of 5 minutes that pages made to the API ${limits.failedPercent} % or more failed`,
      section: 'logins-fail',
    },
    ApiFail: {
      metric: fail(own, 'Api', limits),
      above: 0,
      periods: 1,
      means: `Of the requests of 5 minutes to the API other than logins ${limits.failedPercent} % or more failed`,
      section: 'logins-fail',
    },
    LoginsSlow: {
      metric: own('LoginP99', 'Maximum', FIVE),
      above: limits.loginP99Ms,
      periods: 3,
      means: 'Logins are slow',
      section: 'logins-are-slow',
    },
    DnsStale: {
      metric: own('DnsStale', 'Maximum'),
      above: 0,
      periods: 2,
      means: 'DNS gives no answer; the last addresses stay in use',
      section: 'dns-is-stale',
    },
    NoPageWorker: {
      metric: own('PageWorkersReady', 'Minimum'),
      below: 1,
      periods: 2,
      means: 'Pages are 503, logins are fine',
      section: 'pages-are-503-and-logins-are-fine',
    },
    TooFewReady: {
      metric: own('Ready', 'Sum'),
      below: min,
      periods: 5,
      silenceIsBad: true,
      means: 'Fewer tasks are ready than there should be',
      section: 'a-task-does-not-start-on-ecs',
    },
    CpuHigh: {
      metric: service.metricCpuUtilization({ period: FIVE }),
      above: 85,
      periods: 2,
      means: 'The tasks have too little CPU, and scaling did not help: "scaling.max" or "task.cpu"',
      section: 'logins-are-slow',
    },
    MemoryHigh: {
      metric: service.metricMemoryUtilization({ period: FIVE, statistic: 'Maximum' }),
      above: 90,
      periods: 2,
      means: 'A task is nearly out of memory',
      section: 'page-workers-start-again-and-again',
    },
    ...rulesOfBalancer(entrance),
  }
  for (const [id, rule] of Object.entries(rules)) alarms.add(id, rule)
}

/** What the load balancer sees, and no task does. */
function rulesOfBalancer({ balancer, groups }: Entrance): Record<string, Rule> {
  const unhealthy = groups.map((group): [string, Rule] => [
    `Unhealthy${groups.length > 1 ? group.node.id : ''}`,
    {
      metric: group.metrics.unhealthyHostCount({ period: ONE, statistic: 'Maximum' }),
      above: 0,
      periods: 5,
      means: 'A task does not pass the health check of the target group',
      section: 'gatehouse-does-not-start',
    },
  ])
  // at a listener that exists the ALB's own 5xx are those of other services, too
  const own5xx = balancer && {
    Balancer5xx: {
      metric: balancer.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, { period: FIVE }),
      above: 5,
      periods: 1,
      means: 'The public ALB itself answers 5xx: it finds no task, or one breaks off',
      section: 'a-deployment-drops-logins',
    },
  }
  return { ...own5xx, ...Object.fromEntries(unhealthy) }
}
