import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { z } from 'zod'
import { createMetrics } from '../../lib/observe/metrics.ts'
import { createTallies } from '../../lib/observe/tally.ts'
import { ask, eventually, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

const PROMTOOL = '/usr/bin/promtool'
const skip = existsSync(PROMTOOL) ? false : `${PROMTOOL} is not installed (apt-get install prometheus)`

const here = (name: string) => new URL(name, import.meta.url)

const Target = z.object({ expr: z.string(), legendFormat: z.string() })
const Panel = z.object({
  id: z.number(),
  type: z.string(),
  title: z.string(),
  description: z.string().optional(),
  targets: z.array(Target).default([]),
})
const Dashboard = z.object({
  panels: z.array(Panel),
  annotations: z.object({ list: z.array(z.object({ expr: z.string(), textFormat: z.string() })) }),
})

const readDashboard = async () => Dashboard.parse(JSON.parse(await readFile(here('dashboard.json'), 'utf8')))

/** An expression, and the text in which its labels are printed. */
type Query = { readonly expr: string; readonly text: string }

async function queries(): Promise<Query[]> {
  const { panels, annotations } = await readDashboard()
  const shown = panels.flatMap(({ targets }) =>
    targets.map(each => ({ expr: each.expr, text: each.legendFormat })),
  )
  const marks = annotations.list.map(({ expr, textFormat: text }) => ({ expr, text }))
  return [...shown, ...marks, ...(await alerts()).map(rule => ({ expr: rule, text: rule }))]
}

/** The rules as they are written, a text each. */
const alerts = async () => (await readFile(here('alerts.yml'), 'utf8')).split('- alert: ').slice(1)

/** Every metric that a front has, with its labels: one with limits, a store for them, and a page worker. */
async function known(t: TestContext): Promise<Map<string, Set<string>>> {
  const env = { LOGIN_LIMIT: '1/1m', LIMIT_STORE: 'redis://127.0.0.1:1' }
  const front = await stage(t, { env, handler: (_req, res) => res.writeHead(401).end() })
  for (let i = 0; i < 2; i++) await ask(front.port, request('POST /user/login', [], 'abc'))
  const { lifecycle, backends, bounds, limit } = front
  const worker = { worker: 1, pid: 1, phase: 'ready', inFlight: 0, restarts: 0, rssMb: 1 } as const
  const withPages = createMetrics({
    lifecycle,
    backends,
    bounds,
    tallies: createTallies(),
    limit,
    workers: () => [worker],
  })
  let text = ''
  // counted when there has been one: a garbage collection, another question to DNS
  let garbage: number[][] = []
  const scrape = async () => {
    text = `${(await front.metrics.read()).text}\n${(await withPages.read()).text}`
  }
  await scrape()
  await eventually(() => {
    garbage = [...garbage.slice(-9), new Array(100_000).fill(0)]
    void scrape()
    return text.includes('nodejs_gc_duration_seconds_sum{') && text.includes('gatehouse_dns_queries_total{')
  })
  const found = new Map<string, Set<string>>()
  for (const [, name = '', labels = ''] of text.matchAll(/^(\w+)(?:\{(.*)\})? /gm)) {
    const names = [...labels.matchAll(/(\w+)="/g)].map(([, label = '']) => label)
    found.set(name, new Set([...(found.get(name) ?? []), ...names]))
  }
  return found
}

/** What Prometheus adds to each series. */
const ADDED = ['instance', 'job']

const namesIn = (list: string) => list.split(',').map(each => each.trim())

test('a front has every metric and every label that an alert or the dashboard asks for', async t => {
  const metrics = await known(t)
  for (const { expr } of await queries()) {
    const used = [...expr.matchAll(/\b((?:gatehouse|nodejs|process)_\w+)(?:\{([^}]*)\})?/g)]
    const labels = new Set(ADDED)
    for (const [, name = '', selector = ''] of used) {
      const own = metrics.get(name)
      assert.ok(own, `${name} is no metric`)
      for (const label of own) labels.add(label)
      for (const [, label = ''] of selector.matchAll(/(\w+)\s*[=!]~?\s*"/g))
        assert.ok(own.has(label) || ADDED.includes(label), `${name} has no label ${label}`)
    }
    for (const [, list = ''] of expr.matchAll(/ by \(([^)]*)\)/g))
      for (const label of namesIn(list))
        assert.ok(labels.has(label), `nothing of ${expr} has a label ${label}`)
  }
})

test('a legend and an annotation print labels that are left after the aggregation', async () => {
  for (const { expr, text } of await queries()) {
    const kept = [...expr.matchAll(/ by \(([^)]*)\)/g)].flatMap(([, list = '']) => namesIn(list))
    if (kept.length === 0) continue
    for (const [, label = ''] of text.matchAll(/\{\{\s*(?:\$labels\.)?(\w+)/g))
      assert.ok(kept.includes(label), `${label} is not left of ${expr}`)
  }
})

test('every panel has a title and says what is normal', async () => {
  const panels = (await readDashboard()).panels.filter(({ type }) => type !== 'row')
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  for (const { title, description, targets } of panels) {
    assert.match(description ?? '', /normal/i, title)
    assert.ok(targets.length > 0, title)
  }
})

test('every alert leads to a section of the runbook, and every link inside the runbook to one, too', async () => {
  const runbook = await readFile(here('../../docs/runbook.md'), 'utf8')
  const anchors = [...runbook.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )
  for (const rule of await alerts()) {
    const [, anchor = ''] = /runbook: docs\/runbook\.md#(\S+)/.exec(rule) ?? []
    assert.ok(anchors.includes(anchor), `${rule.split('\n', 1)[0]}: no section #${anchor}`)
  }
  for (const [, anchor = ''] of runbook.matchAll(/\]\(#([^)]*)\)/g))
    assert.ok(anchors.includes(anchor), `no section #${anchor}`)
})

/** What promtool prints, which it is asked to do without a word of complaint. */
function promtool(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(PROMTOOL, args, { encoding: 'utf8' })
  assert.equal(status, 0, `${stdout}${stderr}`)
  return stdout
}

test('promtool: the alerts are well-formed, fire for what they are meant for, and for nothing else', {
  skip,
}, () => {
  promtool('check', 'rules', here('alerts.yml').pathname)
  promtool('test', 'rules', here('alerts.test.yml').pathname)
})

test('every alert has a test of its own', async () => {
  const tests = await readFile(here('alerts.test.yml'), 'utf8')
  for (const rule of await alerts()) {
    const [name = ''] = rule.split('\n', 1)
    assert.match(tests, new RegExp(`alertname="${name}"|alertname: ${name}\\b`), `${name} has no test`)
  }
})

test('promtool: every expression of the dashboard can be parsed', { skip }, async () => {
  const { panels, annotations } = await readDashboard()
  const all = [...panels.flatMap(({ targets }) => targets), ...annotations.list]
  const rules = all.map(({ expr }, i) => {
    const filled = expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*')
    return `      - { record: 'dashboard:${i}', expr: ${JSON.stringify(filled)} }`
  })
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-dashboard-'))
  try {
    const file = join(folder, 'rules.yml')
    await writeFile(file, ['groups:', '  - name: dashboard', '    rules:', ...rules, ''].join('\n'))
    assert.match(promtool('check', 'rules', file), new RegExp(`${all.length} rules found`))
  } finally {
    await rm(folder, { recursive: true })
  }
})
