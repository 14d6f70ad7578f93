import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readWrk } from './load.ts'

const output = (line: string) => `Running 3s test @ http://127.0.0.1:4000/user/login
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   166.02us  200.13us   4.73ms   91.98%
${line}
Requests/sec:  79394.10`

test("wrk's figures are read from the line of the script", () => {
  const line = '{"answered":6000,"bad":0,"broken":0,"micros":3000000,"p50":1200,"p99":9500}'
  assert.deepEqual(readWrk(output(line)), { ok: 6000, rate: 2000, p50: 1.2, p99: 9.5, failed: 0 })
})

test('answers with an error are no answers, and broken connections count as failed', () => {
  const line = '{"answered":6000,"bad":3000,"broken":2,"micros":3000000,"p50":1200,"p99":9500}'
  const { ok, rate, failed } = readWrk(output(line))
  assert.deepEqual([ok, rate, failed], [3000, 1000, 3002])
})

test('output without the figures is an error', () => {
  assert.throws(() => readWrk('unable to connect'))
})
