import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { z } from 'zod'
import { createReport } from '../lib/observe/emf.ts'
import { createHistory } from '../lib/observe/history.ts'
import { readConfig } from '../lib/settings/settings.ts'
import { stage } from '../test/stage.ts'

/** Whether what is in this folder, a package of its own, fits the front: the app's own tests are in lib/. */
const read = (file: string) => readFile(new URL(file, import.meta.url), 'utf8')

const Task = z.object({
  containerDefinitions: z.tuple([
    z.object({
      user: z.string(),
      environment: z.array(z.object({ name: z.string(), value: z.string() })),
      healthCheck: z.object({ command: z.array(z.string()) }),
      portMappings: z.array(z.object({ containerPort: z.number() })),
      stopTimeout: z.number(),
    }),
  ]),
})

async function container() {
  const { containerDefinitions } = Task.parse(JSON.parse(await read('task-definition.json')))
  return containerDefinitions[0]
}

async function config() {
  const { environment } = await container()
  return readConfig(Object.fromEntries(environment.map(({ name, value }) => [name, value])))
}

test('Gatehouse starts with the environment of the task definition, and listens where the public ALB asks', async () => {
  const { PORT, HOST, ADMIN_HOST, METRICS } = await config()
  const { portMappings } = await container()
  assert.deepEqual(
    { PORT, HOST, ADMIN_HOST, METRICS },
    { PORT: portMappings[0]?.containerPort, HOST: '0.0.0.0', ADMIN_HOST: '127.0.0.1', METRICS: 'emf' },
  )
})

test('ECS waits longer than the front takes to stop', async () => {
  const { STOP_DELAY, STOP_TIMEOUT } = await config()
  const { stopTimeout } = await container()
  assert.ok(stopTimeout * 1000 > STOP_DELAY + STOP_TIMEOUT + 2000)
})

test('the task definition says of the image what the image says of itself', async () => {
  const dockerfile = await read('../Dockerfile')
  const { user, healthCheck, portMappings } = await container()
  const said = (instruction: RegExp) => instruction.exec(dockerfile)?.[1]
  const command: unknown = JSON.parse(said(/^HEALTHCHECK .*CMD (\[.*\])$/m) ?? '[]')
  assert.deepEqual(['CMD', command].flat(), healthCheck.command)
  assert.equal(said(/^USER (\S+)$/m), user)
  assert.equal(said(/^EXPOSE (\d+)$/m), String(portMappings[0]?.containerPort))
})

const Metric = z.object({ Namespace: z.string(), MetricName: z.string() })
/** One metric, or several that an expression is made of. */
const Alarm = z.object({
  AlarmDescription: z.string(),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Metrics: z.array(z.object({ MetricStat: z.object({ Metric }).optional() })).default([]),
})
const Alarms = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.looseObject({}) })),
})

/** What each alarm says, and the metrics that it asks for. */
async function alarms() {
  const { Resources } = Alarms.parse(JSON.parse(await read('cloudformation/gatehouse.json')))
  return Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties }) => {
      const { AlarmDescription, Metrics, ...one } = Alarm.parse(Properties)
      const several = Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? [])
      return { AlarmDescription, metrics: several.length > 0 ? several : [Metric.parse(one)] }
    })
}

test('METRICS=emf has every metric that an alarm asks for', async t => {
  const { config, lifecycle, backend, tally } = await stage(t)
  const workers = () => []
  const state = {
    config,
    lifecycle,
    backend,
    tallies: { login: tally, egress: tally },
    workers,
    history: createHistory(),
  }
  const { _aws } = createReport(state)()
  const known = _aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name))
  // a list that is empty is left out of a report: nobody has logged in here
  known.push('LoginP50', 'LoginP99')
  const asked = (await alarms())
    .flatMap(({ metrics }) => metrics)
    .filter(({ Namespace }) => Namespace === 'Gatehouse')
  assert.ok(asked.length >= 8)
  for (const { MetricName } of asked) assert.ok(known.includes(MetricName), MetricName)
})

test('every alarm leads to a section of the runbook that is there', async () => {
  const runbook = await read('../docs/runbook.md')
  const sections = [...runbook.matchAll(/^## (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(' ', '-')
      .replace(/[^\w-]/g, ''),
  )
  const links = (await alarms()).flatMap(
    ({ AlarmDescription }) => /runbook\.md#([\w-]+)/.exec(AlarmDescription)?.[1] ?? [],
  )
  assert.ok(links.length >= 9)
  for (const link of links) assert.ok(sections.includes(link), `${link} in ${sections}`)
})
