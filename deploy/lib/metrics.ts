import { Duration } from 'aws-cdk-lib'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import { HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import type { Entrance } from './load-balancer.ts'
import { LOGINS } from './logins.ts'
import type { GatehouseServiceProps } from './props.ts'
import { environmentName } from './task.ts'

export const ONE = Duration.minutes(1)
export const FIVE = Duration.minutes(5)

type Statistic = 'Sum' | 'Minimum' | 'Maximum'
export type Own = (metricName: string, statistic: Statistic, period?: Duration) => cloudwatch.Metric

/** What the front says of itself: METRICS=emf, lib/observe/emf.ts. One series for all tasks of this service with this backend. */
export function ownMetrics(props: GatehouseServiceProps): Own {
  const dimensionsMap = {
    Service: props.name,
    Environment: environmentName(props),
    Backend: props.backend.origin.host,
  }
  return (metricName, statistic, period = ONE) =>
    new cloudwatch.Metric({ namespace: 'Gatehouse', metricName, dimensionsMap, statistic, period })
}

/** A sum of metrics as an expression, and the metrics by the ids that it uses. */
type Terms = { readonly expression: string; readonly metrics: Readonly<Record<string, cloudwatch.IMetric>> }

function summed(own: Own, names: readonly string[], period: Duration): Terms {
  const named = names.map(
    name => [name.charAt(0).toLowerCase() + name.slice(1), own(name, 'Sum', period)] as const,
  )
  return filled(named)
}

/** What is not reported counts as 0: an ALB reports no zeros, and a front of another version perhaps not that metric. */
const filled = (named: readonly (readonly [id: string, metric: cloudwatch.IMetric])[]): Terms => ({
  expression: `(${named.map(([id]) => `FILL(${id}, 0)`).join(' + ')})`,
  metrics: Object.fromEntries(named),
})

const is = (expression: string, period: Duration, usingMetrics: Record<string, cloudwatch.IMetric>) =>
  new cloudwatch.MathExpression({ expression: `IF(${expression}, 1, 0)`, usingMetrics, period })

/** 1 where so many failed, and they are so large a share of all; else 0. */
const share = (failed: Terms, all: Terms, least: number, percent: number, period: Duration) =>
  is(
    `(${failed.expression} >= ${least}) AND (100 * ${failed.expression} >= ${percent} * ${all.expression})`,
    period,
    { ...failed.metrics, ...all.metrics },
  )

type Limits = { readonly leastFailed: number; readonly failedPercent: number }

const { succeeded, refused, failed, misrouted, gone } = LOGINS
const TRIES = [...succeeded, ...refused, ...failed, ...misrouted, ...gone]

export const loginsFail = (own: Own, { leastFailed, failedPercent }: Limits) =>
  share(summed(own, failed, FIVE), summed(own, TRIES, FIVE), leastFailed, failedPercent, FIVE)

/** Half of them at least, for an API may say 404 of a user that it does not know. LoginsPosted are the logins that the API answered. */
export const loginsMisrouted = (own: Own, least: number) =>
  share(summed(own, misrouted, FIVE), summed(own, ['LoginsPosted'], FIVE), least, 50, FIVE)

/** 1 where so many logins were tried, and none was one of `answered`; else 0. */
export function noneOf(
  own: Own,
  answered: readonly string[],
  tries: number,
  period: Duration,
): cloudwatch.MathExpression {
  const all = summed(own, TRIES, period)
  const good = summed(own, answered, period)
  return is(`(${all.expression} >= ${tries}) AND (${good.expression} == 0)`, period, {
    ...all.metrics,
    ...good.metrics,
  })
}

/** `PagesFail`, `EgressFail` and `ApiFail`: of what METRICS=emf counts under that name. */
export const fail = (own: Own, what: 'Pages' | 'Egress' | 'Api', { leastFailed, failedPercent }: Limits) =>
  share(
    summed(own, [`${what}Failed`], FIVE),
    summed(own, [`${what}Ok`, `${what}Failed`], FIVE),
    leastFailed,
    failedPercent,
    FIVE,
  )

/** 5xx that the tasks answered, as their target groups count them: a load balancer may have other services. */
export function tasks5xx({ groups }: Entrance, { leastFailed, failedPercent }: Limits) {
  const counted = (prefix: string, metrics: readonly cloudwatch.IMetric[]) =>
    filled(metrics.map((metric, index) => [`${prefix}${index + 1}`, metric]))
  const bad = groups.map(({ metrics }) =>
    metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { period: FIVE }),
  )
  const all = groups.map(({ metrics }) => metrics.requestCount({ period: FIVE }))
  return share(counted('bad', bad), counted('all', all), leastFailed, failedPercent, FIVE)
}
