import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { toAdmin } from './admin.ts'
import { ask, eventually, request, wire } from './raw.ts'
import { stage } from './stage.ts'
import { startCollector } from './traces/collector.ts'

const ID = 'the-login-of-tonight'

test('one id leads through the log, the trace, the metrics and the status page, while addresses change', async t => {
  const collector = await startCollector(t)
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }
  const { alb, port, adminPort, backend, log, traces } = await stage(t, { count: 1, env })
  const page = await wire(t, adminPort)
  page.send(toAdmin('GET /events'))
  await page.until('"settings":')
  const [old = ''] = alb.listed
  const [fresh = ''] = await alb.add(1)
  alb.drain(old)
  await once(backend.cache.changes, 'departed')
  await ask(port, request('POST /user/login', [`X-Request-Id: ${ID}`], 'abc'))

  await eventually(() => log.some(({ id }) => id === ID))
  const line = log.find(({ id }) => id === ID)
  assert.equal(line?.address, fresh)
  const traceId = String(line?.trace_id)

  await traces?.close()
  const spans = collector.spans.filter(each => each.traceId === traceId)
  assert.equal(spans.find(({ name }) => name === 'POST /user/login')?.attributes['gatehouse.request_id'], ID)
  assert.equal(spans.find(({ name }) => name === 'POST')?.attributes['network.peer.address'], fresh)

  const { body } = await ask(adminPort, toAdmin('GET /metrics', ['Accept: application/openmetrics-text']))
  assert.ok(body.includes(`# {request_id="${ID}",trace_id="${traceId}"} `))

  await page.until(`"id":"${ID}","traceId":"${traceId}"`)
})
