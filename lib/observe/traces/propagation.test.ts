import assert from 'node:assert/strict'
import { test } from 'node:test'
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { startApi } from '../../../test/api.ts'
import { ask, header, recorder, request } from '../../../test/raw.ts'
import { stage } from '../../../test/stage.ts'
import { KIND, treeOf } from '../../../test/traces/collector.ts'
import { only, over, traced } from '../../../test/traces/traced.ts'

const CONTEXT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7'

test("a context that comes along is continued; the backend's parent is the attempt", async t => {
  const backend = recorder()
  const { front, spans } = await traced(t, { handler: backend.handler })
  const headers = [`traceparent: ${CONTEXT}-01`, 'tracestate: vendor=a', 'baggage: k=v']
  await ask(front.port, request('POST /user/login', headers, 'a'))
  await over(front)
  const all = await spans()
  const server = all.find(({ kind }) => kind === KIND.server)
  const attempt = all.find(({ kind }) => kind === KIND.client)
  assert.equal(server?.traceId, '4bf92f3577b34da6a3ce929d0e0e4736')
  assert.equal(server?.parentSpanId, '00f067aa0ba902b7')
  const [seen] = backend.seen
  assert.equal(header(seen, 'traceparent'), `00-${server?.traceId}-${attempt?.spanId}-01`)
  assert.equal(header(seen, 'tracestate'), 'vendor=a')
  assert.equal(header(seen, 'baggage'), 'k=v')
  assert.equal(front.log.find(({ msg }) => msg === 'request')?.trace_id, server?.traceId)
})

test('a context that is malformed is not continued, and not passed on', async t => {
  const backend = recorder()
  const { front, spans } = await traced(t, { handler: backend.handler })
  const headers = ['traceparent: 00-0-0-01', 'tracestate: vendor=a']
  await ask(front.port, request('POST /user/login', headers, 'a'))
  await over(front)
  const [server] = (await spans()).filter(({ kind }) => kind === KIND.server)
  const [seen] = backend.seen
  assert.match(header(seen, 'traceparent') ?? '', new RegExp(`^00-${server?.traceId}-[0-9a-f]{16}-01$`))
  assert.equal(header(seen, 'tracestate'), undefined)
})

test('what its sender does not sample is not sent, but the backend learns the trace', async t => {
  const backend = recorder()
  const { front, spans } = await traced(t, { handler: backend.handler })
  await ask(front.port, request('POST /user/login', [`traceparent: ${CONTEXT}-00`], 'a'))
  await over(front)
  assert.deepEqual(await spans(), [])
  assert.match(
    header(backend.seen[0], 'traceparent') ?? '',
    /^00-4bf92f3577b34da6a3ce929d0e0e4736-(?!00f067aa0ba902b7)[0-9a-f]{16}-00$/,
  )
})

test('the sampler is the one that is set', async t => {
  const env = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }
  const { front, spans } = await traced(t, { env })
  await ask(front.port, request('POST /user/login', [`traceparent: ${CONTEXT}-01`], 'a'))
  await over(front)
  assert.deepEqual(await spans(), [])
})

test("a page's own call is a span of its own below the page's", async t => {
  const { front, spans } = await traced(t)
  await fetch(`${front.egressUrl}/user/me?token=1`, { headers: { traceparent: `${CONTEXT}-01` } })
  await over(front)
  const all = await spans()
  assert.equal(treeOf(all), 'GET egress\n  GET\n    connect')
  assert.equal(only(all, 'GET egress')['url.path'], '/user/me')
  assert.ok(all.every(({ traceId }) => traceId === '4bf92f3577b34da6a3ce929d0e0e4736'))
})

test('what a page fetches from an API by its name carries the context of the page on; what it fetches elsewhere does not', async t => {
  await traced(t)
  const api = recorder()
  const url = await startApi(t, api.handler)
  const fetchIt = () => context.with(page, () => fetch(url))
  const page = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: '1'.repeat(32),
    spanId: '2'.repeat(16),
    traceFlags: 1,
  })
  await fetchIt()
  const before = process.env
  const names = { BACKEND_URL: 'http://127.0.0.1:1', BACKEND_URL_REPORTS: url }
  let listed = 0
  process.env = new Proxy(
    { ...before, ...names },
    {
      ownKeys(all) {
        listed++
        return Reflect.ownKeys(all)
      },
    },
  )
  t.after(() => {
    process.env = before
  })
  for (let i = 0; i < 3; i++) await fetchIt()
  const carried = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`
  assert.deepEqual(
    api.seen.map(each => header(each, 'traceparent')),
    [undefined, carried, carried, carried],
  )
  assert.equal(listed, 1, 'it takes time with each variable')
})

test('health checks and static files are no traces', async t => {
  const { front, spans } = await traced(t, {
    // that they are over is seen by their lines
    env: { LOG_REQUESTS: 'all' },
    pages: (_req, res, trace) => {
      trace.route = 'static'
      res.end()
    },
  })
  for (const path of ['/healthz', '/readyz', '/icon.svg']) await ask(front.port, request(`GET ${path}`))
  await over(front, 3)
  assert.deepEqual(await spans(), [])
})

test('where traces are off a context passes untouched, and the log names none', async t => {
  const backend = recorder()
  const front = await stage(t, { handler: backend.handler })
  const headers = [`traceparent: ${CONTEXT}-01`, 'tracestate: vendor=a']
  await ask(front.port, request('POST /user/login', headers, 'a'))
  await over(front)
  assert.equal(front.traces, undefined)
  assert.equal(header(backend.seen[0], 'traceparent'), `${CONTEXT}-01`)
  assert.equal(header(backend.seen[0], 'tracestate'), 'vendor=a')
  assert.equal('trace_id' in (front.log.find(({ msg }) => msg === 'request') ?? {}), false)
})
