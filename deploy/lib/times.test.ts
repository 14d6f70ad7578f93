import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idleMistakes, timeMistakes, timesFor } from './times.ts'

test('with the defaults ECS waits 35 s after SIGTERM, as the README says', () => {
  assert.deepEqual(timesFor({}), { stopTimeout: 35, deregistrationDelay: 60 })
})

test('longer times of the front make both longer', () => {
  assert.deepEqual(timesFor({ STOP_DELAY: '10s', STOP_TIMEOUT: '1m' }), {
    stopTimeout: 75,
    deregistrationDelay: 75,
  })
})

test('stopTimeout exceeds STOP_DELAY, STOP_TIMEOUT and the 2 s that the front adds, for parts of seconds too', () => {
  const { stopTimeout } = timesFor({ STOP_DELAY: '1500ms', STOP_TIMEOUT: '2.25s' })
  assert.ok(stopTimeout > 1.5 + 2.25 + 2)
})

test('the deregistration delay outlasts the slowest login', () => {
  assert.ok(timesFor({ BACKEND_TIMEOUT: '59s', STOP_TIMEOUT: '1s' }).deregistrationDelay > 59)
})

test('it outlasts what the ALB waits for: routes in an image have timeouts of their own', () => {
  assert.equal(timesFor({}, 60).deregistrationDelay, 60)
  assert.equal(timesFor({}, 310).deregistrationDelay, 310)
})

test('it is what AWS takes: less than two minutes on Spot, an hour at most', () => {
  const stopping = { STOP_DELAY: '40s', STOP_TIMEOUT: '75s' }
  for (const [environment, idle] of [
    [{}, 310],
    [stopping, 60],
    [{ BACKEND_TIMEOUT: '118s' }, 119],
  ] as const)
    assert.equal(timesFor(environment, idle, true).deregistrationDelay, 119)
  assert.equal(timesFor({ BACKEND_TIMEOUT: '3599s' }, 3600).deregistrationDelay, 3600)
})

test('the ALB waits longer than the front waits for an API, and closes an idle connection before the front does', () => {
  const names = (environment: Record<string, string>, idle: number) =>
    idleMistakes(environment, idle).map(({ name }) => name)
  assert.deepEqual(names({}, 60), [])
  assert.deepEqual(names({ KEEP_ALIVE_TIMEOUT: '30s' }, 60), ['KEEP_ALIVE_TIMEOUT'])
  assert.deepEqual(names({ BACKEND_TIMEOUT: '300s' }, 60), ['BACKEND_TIMEOUT'])
  assert.deepEqual(names({ BACKEND_TIMEOUT: '300s' }, 310), ['KEEP_ALIVE_TIMEOUT'])
  assert.deepEqual(names({ BACKEND_TIMEOUT: '300s', KEEP_ALIVE_TIMEOUT: '330s' }, 310), [])
})

test('an empty value is the default, as Gatehouse reads it', () => {
  assert.deepEqual(timesFor({ STOP_DELAY: ' ' }), timesFor({}))
})

test('what Fargate can just bear is accepted, and a second more is not', () => {
  assert.deepEqual(timeMistakes({ STOP_DELAY: '5s', STOP_TIMEOUT: '110s' }), [])
  assert.equal(timeMistakes({ STOP_DELAY: '5s', STOP_TIMEOUT: '111s' }).length, 1)
})
