import assert from 'node:assert/strict'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import { listening } from '../../../test/listening.ts'
import { startCollector } from '../../../test/traces/collector.ts'
import { createProvider } from './provider.ts'

type Said = { spans: number; cause: string }

function provider(t: TestContext, endpoint: string) {
  const said: Said[] = []
  const made = createProvider({ endpoint: new URL(endpoint), sampler: 'always_on', ratio: 1 }, fields => {
    said.push(fields)
  })
  const shutdown = () => made.shutdown().catch(() => {})
  t.after(() => void shutdown())
  const tracer = made.getTracer('a page')
  const make = (count: number) => {
    for (let i = 0; i < count; i++) tracer.startSpan('page').end()
  }
  return { said, tracer, make, flush: () => made.forceFlush().catch(() => {}) }
}

test('spans go to /v1/traces below the endpoint, under the name of the environment', async t => {
  const collector = await startCollector(t)
  process.env.OTEL_SERVICE_NAME = 'front-of-shop'
  t.after(() => delete process.env.OTEL_SERVICE_NAME)
  const { make, flush, said } = provider(t, `${collector.url}/otlp/`)
  make(1)
  await flush()
  assert.match(collector.bytes[0] ?? '', /^POST \/otlp\/v1\/traces\n/)
  assert.equal(collector.spans[0]?.service, 'front-of-shop')
  assert.deepEqual(said, [])
})

test('a collector that answers 500 costs its spans, which is said once', async t => {
  const collector = await startCollector(t, (_req, res) => res.writeHead(500).end('a'.repeat(100)))
  const { make, flush, said } = provider(t, collector.url)
  for (let i = 0; i < 3; i++) {
    make(2)
    await flush()
  }
  assert.equal(collector.requests(), 3)
  assert.deepEqual(said, [{ spans: 2, cause: 'Internal Server Error' }])
})

test('a collector that never answers costs what is beyond the bound, and no memory', async t => {
  const { make, said } = provider(t, `http://127.0.0.1:${await listening(t, net.createServer())}`)
  make(4096 + 128)
  assert.deepEqual(said, [])
  make(1000)
  assert.deepEqual(said, [{ spans: 1, cause: '4096 are waiting already' }])
})

test("a page's span loses its query, a password before a host, and the message of what was thrown", async t => {
  const collector = await startCollector(t)
  const { tracer, flush } = provider(t, collector.url)
  const url = 'http://taro:himitsu@127.0.0.1:4002/user/me?token=abc'
  const span = tracer.startSpan(`fetch GET ${url}`, { attributes: { 'http.url': url, 'next.route': '/a' } })
  span.recordException(new TypeError('token abc is wrong'))
  span.setStatus({ code: 2, message: 'token abc is wrong' })
  span.end()
  await flush()
  const [{ name, attributes, events } = { name: '', attributes: {}, events: [] }] = collector.spans
  assert.equal(name, 'fetch GET http://127.0.0.1:4002/user/me')
  assert.deepEqual(attributes, { 'http.url': 'http://127.0.0.1:4002/user/me', 'next.route': '/a' })
  assert.deepEqual(events, [{ name: 'exception', attributes: { 'exception.type': 'TypeError' } }])
  assert.doesNotMatch(collector.bytes.join(), /himitsu|abc/)
})
