import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mistakes, read, refused } from '../../test/settings.ts'

test('traces are off unless a collector is named', () => {
  assert.equal(read().OTEL_EXPORTER_OTLP_ENDPOINT, null)
  assert.equal(read({ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }).OTEL_EXPORTER_OTLP_ENDPOINT, null)
})

for (const text of ['true', 'True'])
  test(`OTEL_SDK_DISABLED=${text} turns traces off, whatever the collector`, () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_SDK_DISABLED: text }
    assert.equal(read(env).OTEL_EXPORTER_OTLP_ENDPOINT, null)
    assert.notEqual(read({ ...env, OTEL_SDK_DISABLED: 'false' }).OTEL_EXPORTER_OTLP_ENDPOINT, null)
  })

test('OTEL_SDK_DISABLED is true or false', () => refused('OTEL_SDK_DISABLED', 'yes'))

for (const text of ['http://127.0.0.1:4318', 'https://collector.dev.jp/otlp', 'http://[::1]:4318/'])
  test(`a collector at ${text} is accepted`, () => {
    assert.equal(
      read({ OTEL_EXPORTER_OTLP_ENDPOINT: text }).OTEL_EXPORTER_OTLP_ENDPOINT?.href,
      new URL(text).href,
    )
  })

for (const text of [
  '127.0.0.1:4318',
  'grpc://127.0.0.1:4317',
  'collector',
  'http://127.0.0.1:4318/v1/traces',
])
  test(`a collector at ${text} is refused`, () => refused('OTEL_EXPORTER_OTLP_ENDPOINT', text))

test('a secret in the address of a collector is refused, and not repeated', () => {
  for (const secret of ['http://me:himitsu@127.0.0.1:4318', 'http://127.0.0.1:4318/?key=himitsu']) {
    const text = mistakes({ OTEL_EXPORTER_OTLP_ENDPOINT: secret }).join()
    assert.match(text, /1 mistake/)
    assert.doesNotMatch(text, /himitsu/)
  }
})

test('samplers are those of OpenTelemetry, and their part is between 0 and 1', () => {
  for (const text of ['0', '0.05', '1', '1.0'])
    assert.equal(read({ OTEL_TRACES_SAMPLER_ARG: text }).OTEL_TRACES_SAMPLER_ARG, Number(text))
  for (const text of ['1.1', '-1', '10%', '.', '1e-2']) refused('OTEL_TRACES_SAMPLER_ARG', text)
  refused('OTEL_TRACES_SAMPLER', 'xray')
})
