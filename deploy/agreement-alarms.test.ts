import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { type TestContext, test } from 'node:test'
import { z } from 'zod'
import { createReport } from '../lib/observe/emf.ts'
import { createHistory } from '../lib/observe/history.ts'
import { RESULTS } from '../lib/observe/outcome.ts'
import { readConfig } from '../lib/settings/settings.ts'
import { stage } from '../test/stage.ts'
import { resolve } from './lib/intrinsic.ts'
import { LOGINS } from './lib/logins.ts'
import { parseOrigin } from './lib/parse.ts'

const TEMPLATE = new URL('cloudformation/gatehouse.json', import.meta.url)
const Template = z.object({
  Conditions: z.record(z.string(), z.json()),
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.record(z.string(), z.json()) })),
})

const Metric = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })),
})

const Alarm = z.object({
  AlarmDescription: z.string(),
  Metrics: z.array(z.object({ MetricStat: z.object({ Metric }).optional() })).optional(),
})

/** The alarms of the CloudFormation template as they are with these parameters. */
async function alarms(parameters: Record<string, string>) {
  const { Conditions: conditions, Resources } = Template.parse(JSON.parse(await readFile(TEMPLATE, 'utf8')))
  return Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties }) => {
      const { AlarmDescription, MetricName, Namespace, Dimensions, Metrics } = Properties
      const found = Object.entries({ AlarmDescription, MetricName, Namespace, Dimensions, Metrics })
      const given = Object.fromEntries(
        found.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
      )
      const alarm = resolve(given, { parameters, conditions })
      const { success, data } = Metric.safeParse(alarm)
      const { AlarmDescription: text, Metrics: queries = [] } = Alarm.parse(alarm)
      const metrics = queries.flatMap(({ MetricStat }) => MetricStat?.Metric ?? [])
      return { text, metrics: success ? [data] : metrics }
    })
}

const PARAMETERS = {
  BackendOrigin: 'https://api.dev.jp',
  Name: 'gatehouse',
  EnvironmentName: 'production',
  Docs: 'docs',
}

/** What METRICS=emf says of a front with these settings. */
async function report(t: TestContext, env: Record<string, string>) {
  const { lifecycle, backends } = await stage(t)
  const config = readConfig(env)
  return createReport({ config, lifecycle, backends, workers: () => [], history: createHistory() })()
}

test('METRICS=emf has every metric that an alarm asks for', async t => {
  const { _aws } = await report(t, { BACKEND_ORIGIN: 'https://api.dev.jp' })
  const known = _aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name))
  // a list that is empty is left out of a report: nobody has logged in here
  known.push('LoginP50', 'LoginP99')
  const asked = (await alarms(PARAMETERS)).flatMap(({ metrics }) => metrics)
  const own = asked.filter(({ Namespace }) => Namespace === 'Gatehouse')
  assert.ok(own.length >= 20)
  for (const { MetricName } of own) assert.ok(known.includes(MetricName), MetricName)
})

test('the alarms know of every way in which a login ends', () => {
  const known: readonly string[] = Object.values(LOGINS).flat()
  for (const result of RESULTS) {
    const name = `Logins${result.charAt(0).toUpperCase()}${result.slice(1)}`
    assert.ok(known.includes(name), name)
  }
})

for (const origin of [
  'https://api.dev.jp',
  'https://api.dev.jp:443',
  'https://api.dev.jp:8443',
  'https://api.dev.jp:4430',
  'http://api.dev.jp',
  'http://api.dev.jp:80',
  'http://api.dev.jp:443',
  'https://api.dev.jp:80',
  'https://10.0.8.10',
]) {
  test(`an alarm watches the series that the front reports with BACKEND_ORIGIN=${origin}`, async t => {
    const env = { BACKEND_ORIGIN: origin, SERVICE_NAME: 'shop', SERVICE_ENVIRONMENT: 'staging' }
    const { Service, Environment, Backend } = await report(t, env)
    const parameters = { ...PARAMETERS, BackendOrigin: origin, Name: 'shop', EnvironmentName: 'staging' }
    const asked = (await alarms(parameters)).flatMap(({ metrics }) => metrics)
    for (const { Dimensions } of asked.filter(({ Namespace }) => Namespace === 'Gatehouse')) {
      const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]))
      assert.deepEqual(dimensions, { Service, Environment, Backend })
    }
    assert.equal(parseOrigin(origin)?.host, Backend)
  })
}

test('every alarm leads to a section of the runbook that is there', async () => {
  const runbook = await readFile(new URL('../docs/runbook.md', import.meta.url), 'utf8')
  const sections = [...runbook.matchAll(/^## (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(' ', '-')
      .replace(/[^\w-]/g, ''),
  )
  const all = await alarms(PARAMETERS)
  assert.ok(all.length >= 14)
  for (const { text } of all) {
    const [, section = ''] = /docs\/runbook\.md#([\w-]+) /.exec(text) ?? []
    assert.ok(sections.includes(section), `${text}: ${section} in ${sections}`)
  }
})
