import assert from 'node:assert/strict'
import { test } from 'node:test'
import { trace } from '@opentelemetry/api'
import { register } from '../../instrumentation.ts'

const isRecording = () => trace.getTracer('a page').startSpan('page').isRecording()

test('a process that serves pages makes no spans with OTEL_SDK_DISABLED=true, and does without', async () => {
  process.env.NEXT_RUNTIME = 'nodejs'
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:9'
  for (const text of ['true', ' TRUE ']) {
    process.env.OTEL_SDK_DISABLED = text
    await register()
    assert.equal(isRecording(), false)
  }
  process.env.OTEL_SDK_DISABLED = 'false'
  await register()
  assert.equal(isRecording(), true)
})
