import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { z } from 'zod'
import { alarmOf, firesAfter, type Minutes } from '../test/alarm.ts'
import { resolve } from './intrinsic.ts'

/** What fires on an outage in the files for teams without CDK, as they are written: the CloudFormation template, the Terraform module. */
const read = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'))

type Template = Parameters<typeof alarmOf>[0]

function cloudFormation(): Template {
  const { Conditions: conditions, Resources } = z
    .object({
      Conditions: z.record(z.string(), z.json()),
      Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.json().optional() })),
    })
    .parse(read('cloudformation/gatehouse.json'))
  const parameters = { BackendOrigin: 'https://api.dev.jp', Name: 'gatehouse', LeastTasks: '2' }
  return {
    findResources: type =>
      Object.fromEntries(
        Object.entries(Resources)
          .filter(([, { Type }]) => Type === type)
          .map(([id, { Properties = null }]) => [
            id,
            { Properties: numeric(resolve(Properties, { parameters, conditions })) },
          ]),
      ),
  }
}

/** A parameter is a text. */
const numeric = (properties: unknown) => {
  const { Threshold, ...rest } = z.looseObject({ Threshold: z.coerce.number() }).parse(properties)
  return { ...rest, Threshold }
}

const Module = z.record(
  z.string(),
  z.object({
    comparison_operator: z.string(),
    evaluation_periods: z.number(),
    threshold: z.union([z.number(), z.string()]),
    treat_missing_data: z.string(),
    queries: z.array(
      z.object({
        id: z.string(),
        expression: z.string().nullable(),
        return_data: z.boolean(),
        metric: z.object({ metric_name: z.string(), period: z.number(), stat: z.string() }).nullable(),
      }),
    ),
  }),
)

/** As alarms.tf hands it to the provider. */
function terraform(): Template {
  const alarms = Module.parse(read('terraform/alarms.json'))
  const resources = Object.entries(alarms).map(([name, alarm]) => [
    name,
    {
      Properties: {
        AlarmName: `gatehouse-${name}`,
        ComparisonOperator: alarm.comparison_operator,
        EvaluationPeriods: alarm.evaluation_periods,
        // least_tasks of the module
        Threshold: typeof alarm.threshold === 'string' ? 2 : alarm.threshold,
        TreatMissingData: alarm.treat_missing_data,
        ...shapeOf(alarm.queries),
      },
    },
  ])
  return { findResources: () => Object.fromEntries(resources) }
}

function shapeOf(queries: z.output<typeof Module>[string]['queries']) {
  const [first] = queries
  if (queries.length === 1 && first?.metric)
    return { MetricName: first.metric.metric_name, Period: first.metric.period, Statistic: first.metric.stat }
  return {
    Metrics: queries.map(({ id, expression, return_data: ReturnData, metric }) => ({
      Id: id,
      ReturnData,
      ...(expression !== null && { Expression: expression }),
      ...(metric && {
        MetricStat: { Metric: { MetricName: metric.metric_name }, Period: metric.period, Stat: metric.stat },
      }),
    })),
  }
}

const NAMES = ['LoginsFail', 'LoginsAllFail', 'LoginsMisrouted', 'NobodyLogsIn', 'PagesFail', 'EgressFail']
const NO_LOGINS = ['Ok', 'Refused', 'Failed', 'Misrouted', 'Posted', 'Gone'].map(name => [`Logins${name}`, 0])

/** So many of each in every minute of an hour. */
const logins = (counts: Readonly<Record<string, number>>): Minutes =>
  Object.fromEntries(
    Object.entries({ ...Object.fromEntries(NO_LOGINS), ...counts }).map(([name, count]) => [
      name,
      Array<number>(60).fill(Number(count)),
    ]),
  )

for (const [name, template] of Object.entries({
  'the CloudFormation template': cloudFormation(),
  'the Terraform module': terraform(),
})) {
  const after = (alarm: string, minutes: Minutes) => firesAfter(alarmOf(template, alarm), minutes)
  const firing = (minutes: Minutes) => NAMES.filter(alarm => after(alarm, minutes).length > 0)

  test(`${name}: an outage at one login a minute fires within three minutes`, () => {
    const minutes = logins({ LoginsFailed: 1 })
    assert.equal(after('LoginsAllFail', minutes)[0], 3)
    assert.deepEqual(firing(minutes), ['LoginsFail', 'LoginsAllFail', 'NobodyLogsIn'])
  })

  test(`${name}: 404 to every login at one a minute fires within three minutes`, () => {
    assert.equal(after('LoginsMisrouted', logins({ LoginsMisrouted: 1, LoginsPosted: 1 }))[0], 3)
  })

  test(`${name}: 0.02 % of failures, six of 30,000, fire nothing`, () => {
    const failed = Array.from({ length: 60 }, (_, minute) => (minute === 30 ? 6 : 0))
    assert.deepEqual(firing({ ...logins({ LoginsOk: 6000 }), LoginsFailed: failed }), [])
  })
}
