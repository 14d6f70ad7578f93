import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { toAdmin } from '../../test/admin.ts'
import { startPrometheus, withoutPrometheus } from '../../test/prometheus.ts'
import { ask, eventually, header, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

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

const Found = z.object({
  data: z.array(z.object({ exemplars: z.array(z.object({ labels: z.object({ request_id: z.string() }) })) })),
})

test('a real Prometheus scrapes it, and gives the ids back', { skip: withoutPrometheus }, async t => {
  const { port, adminPort } = await stage(t)
  await login(port, 'id-of-a-login')
  const config = {
    global: { scrape_interval: '500ms' },
    scrape_configs: [{ job_name: 'gatehouse', static_configs: [{ targets: [`127.0.0.1:${adminPort}`] }] }],
  }
  const files = { 'prometheus.yml': JSON.stringify(config) }
  const url = await startPrometheus(t, files, '--enable-feature=exemplar-storage')
  const query = new URL('/api/v1/query_exemplars', url)
  query.search = String(
    new URLSearchParams({
      query: 'gatehouse_request_duration_seconds_bucket{route="login"}',
      start: String(Date.now() / 1000 - 60),
      end: String(Date.now() / 1000 + 600),
    }),
  )
  const found = async () => {
    const answer = await fetch(query)
    // Prometheus says 503 until it is ready
    if (!answer.ok) return false
    const { data } = Found.parse(await answer.json())
    const ids = data.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.request_id))
    return ids.length > 0 && ids
  }
  assert.deepEqual(await eventually(found, { everyMs: 200 }), ['id-of-a-login'])
})
