import assert from 'node:assert/strict'
import http from 'node:http'
import net from 'node:net'
import { test } from 'node:test'
import { listening } from '../../test/listening.ts'
import { about, patient } from '../../test/patient.ts'
import { startCollector } from '../../test/traces/collector.ts'

const endpoint = (port: number) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` })

test('a collector that answers is well, and gets no span', async t => {
  const { examine } = await patient(t)
  const collector = await startCollector(t)
  const report = await examine({ OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/` })
  const [found] = about(report, 'collector')
  assert.equal(found?.result, 'ok')
  assert.match(found?.says ?? '', /^POST http:\/\/127\.0\.0\.1:\d+\/v1\/traces: 200 in /)
  assert.deepEqual([collector.requests(), collector.spans], [1, []])
})

test('without a collector, or with traces switched off, nobody is asked', async t => {
  const { examine } = await patient(t)
  const collector = await startCollector(t)
  const off = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SDK_DISABLED: 'true' }
  for (const env of [{}, off]) assert.deepEqual(about(await examine(env), 'collector'), [])
  assert.equal(collector.requests(), 0)
})

test('a collector that cannot be reached or never answers is a warning: logins need none', async t => {
  const { examine } = await patient(t)
  const silent = net.createServer()
  const port = await listening(t, silent)
  const closed = net.createServer()
  const gone = await listening(t, closed)
  await new Promise(resolve => closed.close(resolve))
  for (const [env, words] of [
    [endpoint(gone), /ECONNREFUSED/],
    [endpoint(port), /timeout/],
  ] as const) {
    const report = await examine(env)
    const [found] = about(report, 'collector')
    assert.deepEqual([found?.result, report.ok], ['warning', true])
    assert.match(found?.says ?? '', words)
    assert.match(found?.todo ?? '', /4317/)
  }
})

for (const [status, result] of [
  [404, 'warning'],
  [401, 'ok'],
] as const)
  test(`a collector that answers ${status} is ${result}`, async t => {
    const { examine } = await patient(t)
    const server = http.createServer(
      (req, res) => void req.resume().on('end', () => res.writeHead(status).end()),
    )
    const report = await examine(endpoint(await listening(t, server)))
    assert.equal(about(report, 'collector')[0]?.result, result)
  })
