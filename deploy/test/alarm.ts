import { z } from 'zod'
import { evaluate, type Value } from './metric-math.ts'

const Metric = z.looseObject({ MetricName: z.string(), Dimensions: z.unknown().optional() })
const Query = z.looseObject({
  Id: z.string(),
  Expression: z.string().optional(),
  ReturnData: z.boolean().optional(),
  MetricStat: z.object({ Metric, Period: z.number(), Stat: z.string() }).optional(),
})
const Alarm = z.looseObject({
  AlarmName: z.string(),
  ComparisonOperator: z.enum(['GreaterThanThreshold', 'LessThanThreshold']),
  EvaluationPeriods: z.number(),
  Threshold: z.number(),
  TreatMissingData: z.enum(['breaching', 'notBreaching']),
  MetricName: z.string().optional(),
  Period: z.number().optional(),
  Statistic: z.string().optional(),
  Metrics: z.array(Query).optional(),
})
type Alarm = z.output<typeof Alarm>

/** What each metric had in each minute, oldest first, by its name; a metric that is not here was never reported. */
export type Minutes = Readonly<Record<string, readonly Value[]>>

type Template = {
  findResources(type: string): Readonly<Record<string, { readonly Properties?: unknown }>>
}

/** The alarm of this name, `gatehouse-` left out. */
export function alarmOf(template: Template, name: string): Alarm {
  const all = Object.values(template.findResources('AWS::CloudWatch::Alarm'))
  const found = all
    .map(({ Properties }) => Alarm.parse(Properties))
    .find(each => each.AlarmName.endsWith(`-${name}`))
  if (!found) throw new Error(`there is no alarm ${name}`)
  return found
}

const STATISTICS: Readonly<Record<string, (values: number[]) => number>> = {
  Sum: values => values.reduce((sum, each) => sum + each, 0),
  Minimum: values => Math.min(...values),
  Maximum: values => Math.max(...values),
}

/** One value of a metric over `period` seconds that end after minute `until`; undefined where it has none. */
function aggregate(
  minutes: Minutes,
  metric: string,
  statistic: string,
  period: number,
  until: number,
): Value {
  const window = (minutes[metric] ?? []).slice(Math.max(0, until - period / 60), until)
  const values = window.filter(each => each !== undefined)
  const apply = STATISTICS[statistic]
  if (!apply) throw new Error(`no statistic ${statistic}`)
  return values.length === 0 ? undefined : apply(values)
}

function valueAfter(alarm: Alarm, minutes: Minutes, until: number): Value {
  if (alarm.MetricName) {
    const { MetricName, Statistic = '', Period = 60 } = alarm
    return aggregate(minutes, MetricName, Statistic, Period, until)
  }
  const queries = alarm.Metrics ?? []
  const values = queries.flatMap(({ Id, MetricStat }) =>
    MetricStat
      ? [
          [
            Id,
            aggregate(minutes, MetricStat.Metric.MetricName, MetricStat.Stat, MetricStat.Period, until),
          ] as const,
        ]
      : [],
  )
  const [result, ...more] = queries.filter(({ ReturnData = true }) => ReturnData)
  if (result?.Expression === undefined || more.length > 0) throw new Error('an alarm has one result')
  return evaluate(result.Expression, Object.fromEntries(values))
}

const periodOf = ({ Period, Metrics = [] }: Alarm) =>
  Period ?? Metrics.find(({ MetricStat }) => MetricStat)?.MetricStat?.Period ?? 60

/** The minutes after which the alarm is in ALARM: CloudWatch looks once a minute at the periods that end then. */
export function firesAfter(alarm: Alarm, minutes: Minutes): number[] {
  const length = Math.max(...Object.values(minutes).map(each => each.length))
  const beyond = (value: Value) => {
    if (value === undefined) return alarm.TreatMissingData === 'breaching'
    return alarm.ComparisonOperator === 'GreaterThanThreshold'
      ? value > alarm.Threshold
      : value < alarm.Threshold
  }
  const step = periodOf(alarm) / 60
  const ends = Array.from({ length }, (_, index) => index + 1)
  return ends.filter(end =>
    Array.from({ length: alarm.EvaluationPeriods }, (_, i) => end - i * step).every(
      each => each > 0 && beyond(valueAfter(alarm, minutes, each)),
    ),
  )
}
