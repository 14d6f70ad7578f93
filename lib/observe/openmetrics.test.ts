import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { toAdmin } from '../../test/admin.ts'
import { ask, header, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { freePort } from '../../testing/command.ts'

/** What Prometheus 2 sends. */
const SCRAPER = 'Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'
const login = (port: number, id: string) =>
  ask(port, request('POST /user/login', [`X-Request-Id: ${id}`], 'abc'))

test('a scraper that reads OpenMetrics finds the id of a login behind its bucket', async t => {
  const { port, adminPort } = await stage(t)
  await login(port, 'id-1')
  const answer = await ask(adminPort, toAdmin('GET /metrics', [SCRAPER]))
  assert.match(header(answer, 'content-type') ?? '', /^application\/openmetrics-text; version=1\.0\.0/)
  assert.match(
    answer.body,
    /^gatehouse_request_duration_seconds_bucket\{le="[\d.]+",route="login",status="2xx"\} 1 # \{request_id="id-1"\} [\d.]+ [\d.]+$/m,
  )
  assert.match(answer.body, /^# TYPE gatehouse_requests counter$/m)
  assert.match(answer.body, /^gatehouse_requests_total\{route="login",status="200"\} 1$/m)
  assert.match(answer.body, /[^\n]\n# EOF\n$/)
  assert.doesNotMatch(answer.body, /\n\n/)
})

test('whoever asks for nothing gets the text of before, without ids', async t => {
  const { port, adminPort } = await stage(t)
  await login(port, 'id-1')
  const answer = await ask(adminPort, toAdmin('GET /metrics'))
  assert.match(header(answer, 'content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  assert.doesNotMatch(answer.body, /id-1|# EOF/)
})

test('of the logins of one bucket the newest is named', async t => {
  const { port, adminPort } = await stage(t, {
    handler: (_req, res) => setTimeout(() => res.end(), 1200),
  })
  await login(port, 'id-1')
  await login(port, 'id-2')
  const { body } = await ask(adminPort, toAdmin('GET /metrics', [SCRAPER]))
  assert.deepEqual(body.match(/request_id="[^"]*"/g), ['request_id="id-2"'])
})

const PROMETHEUS = '/usr/bin/prometheus'
const skip = existsSync(PROMETHEUS) ? false : `${PROMETHEUS} is not installed`
const Found = z.object({
  data: z.array(z.object({ exemplars: z.array(z.object({ labels: z.object({ request_id: z.string() }) })) })),
})

test('a real Prometheus scrapes it, and gives the ids back', { skip }, async t => {
  const { port, adminPort } = await stage(t)
  await login(port, 'id-of-a-login')
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-prometheus-'))
  const own = await freePort()
  const targets = [`127.0.0.1:${adminPort}`]
  const config = {
    global: { scrape_interval: '500ms' },
    scrape_configs: [{ job_name: 'gatehouse', static_configs: [{ targets }] }],
  }
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config))
  const prometheus = spawn(PROMETHEUS, [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${own}`,
    '--enable-feature=exemplar-storage',
  ])
  const said: string[] = []
  prometheus.stderr.setEncoding('utf8').on('data', text => said.push(text))
  t.after(async () => {
    const gone = once(prometheus, 'exit')
    prometheus.kill('SIGKILL')
    await gone
    await rm(folder, { recursive: true, force: true })
  })
  const query = new URL(`http://127.0.0.1:${own}/api/v1/query_exemplars`)
  query.search = String(
    new URLSearchParams({
      query: 'gatehouse_request_duration_seconds_bucket{route="login"}',
      start: String(Date.now() / 1000 - 60),
      end: String(Date.now() / 1000 + 600),
    }),
  )
  let ids: string[] = []
  while (ids.length === 0 && prometheus.exitCode === null) {
    await sleep(200)
    const answer = await fetch(query).catch(() => undefined)
    if (answer?.ok)
      ids = Found.parse(await answer.json()).data.flatMap(each =>
        each.exemplars.map(({ labels }) => labels.request_id),
      )
  }
  assert.deepEqual(ids, ['id-of-a-login'], said.join(''))
})
