import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alarmOf, firesAfter, type Minutes } from '../test/alarm.ts'
import { templateWith, variant } from '../test/example.ts'
import { evaluate } from '../test/metric-math.ts'

/** So many of each in every minute of an hour. */
const everyMinute = (counts: Readonly<Record<string, number>>): Minutes =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, Array(60).fill(count)]))

const NO_LOGINS = {
  LoginsOk: 0,
  LoginsRefused: 0,
  LoginsFailed: 0,
  LoginsMisrouted: 0,
  LoginsPosted: 0,
  LoginsGone: 0,
}
const logins = (counts: Readonly<Record<string, number>>) => everyMinute({ ...NO_LOGINS, ...counts })

const example = variant('the example')
const GATE = ['LoginsFail', 'LoginsAllFail', 'LoginsMisrouted', 'NoAddress', 'Tasks5xx']
const firing = (minutes: Minutes, names = [...GATE, 'NobodyLogsIn', 'PagesFail', 'EgressFail', 'ApiFail']) =>
  names.filter(name => firesAfter(alarmOf(example, name), minutes).length > 0)

test('one login a minute, all failing, fires within three minutes', () => {
  const minutes = logins({ LoginsFailed: 1 })
  assert.equal(firesAfter(alarmOf(example, 'LoginsAllFail'), minutes)[0], 3)
  assert.deepEqual(firing(minutes), ['LoginsFail', 'LoginsAllFail', 'NobodyLogsIn'])
})

test('one login a minute, each answered 404: the same, for no login API says that to every password', () => {
  const minutes = logins({ LoginsMisrouted: 1, LoginsPosted: 1 })
  assert.equal(firesAfter(alarmOf(example, 'LoginsMisrouted'), minutes)[0], 3)
  assert.deepEqual(firing(minutes), ['LoginsAllFail', 'LoginsMisrouted', 'NobodyLogsIn'])
})

test('an API that says 404 of a user that it does not know fires nothing while others are let in', () => {
  assert.deepEqual(firing(logins({ LoginsOk: 8, LoginsMisrouted: 2, LoginsPosted: 10 })), [])
})

test('the API is silent and clients leave before 504: nobody was let in, so it fires', () => {
  assert.ok(firing(logins({ LoginsGone: 1 })).includes('LoginsAllFail'))
})

test('six failures of 30,000 do not fire anything', () => {
  const quiet = logins({ LoginsOk: 1000 })
  const failed = Array.from({ length: 60 }, (_, minute) => (minute === 30 ? 6 : 0))
  assert.deepEqual(firing({ ...quiet, LoginsOk: Array(60).fill(6000), LoginsFailed: failed }), [])
})

test('one login in ten fails: it fires, at a hundred logins a minute as at two', () => {
  assert.deepEqual(firing(logins({ LoginsOk: 90, LoginsFailed: 10 })), ['LoginsFail'])
  assert.deepEqual(firing(logins({ LoginsOk: 1, LoginsFailed: 1 })), ['LoginsFail'])
})

test('wrong passwords are no outage of the minute', () => {
  assert.deepEqual(firing(logins({ LoginsRefused: 3, LoginsOk: 1 })), [])
})

test('nobody was let in for half an hour, though the API answers: that is told, and rolls nothing back', () => {
  const minutes = logins({ LoginsRefused: 1 })
  assert.deepEqual(firing(minutes), ['NobodyLogsIn'])
  assert.deepEqual(firing(minutes, GATE), [])
})

test('no login at all, or no data, is no failure', () => {
  assert.deepEqual(firing(logins({})), [])
  assert.deepEqual(firing({ Ready: Array(60).fill(2) }), [])
})

test('a name that DNS does not know fires without a single login', () => {
  assert.deepEqual(firing(everyMinute({ ...NO_LOGINS, AddressesListed: 0 })), ['NoAddress'])
})

test('a front of a version that counts no LoginsMisrouted is watched all the same', () => {
  assert.equal(
    firesAfter(alarmOf(example, 'LoginsAllFail'), everyMinute({ LoginsFailed: 1, LoginsOk: 0 }))[0],
    3,
  )
})

test('pages and calls of pages fire by their share, too', () => {
  assert.deepEqual(firing(everyMinute({ PagesOk: 10, PagesFailed: 1 })), ['PagesFail'])
  assert.deepEqual(firing(everyMinute({ EgressOk: 0, EgressFailed: 2 })), ['EgressFail'])
  assert.deepEqual(firing(everyMinute({ ApiOk: 10, ApiFailed: 1 })), ['ApiFail'])
  assert.deepEqual(firing(everyMinute({ PagesOk: 1000, PagesFailed: 1 })), [])
})

test('5xx at the load balancer fire by their share, where zeros are not reported', () => {
  const requests = { RequestCount: Array(60).fill(100) }
  assert.deepEqual(firing({ ...requests, HTTPCode_Target_5XX_Count: Array(60).fill(10) }), ['Tasks5xx'])
  const once = Array.from({ length: 60 }, (_, minute) => (minute === 30 ? 10 : undefined))
  assert.deepEqual(firing({ ...requests, HTTPCode_Target_5XX_Count: once }), [])
  assert.deepEqual(firing(requests), [])
})

test('share, least count and tries are settings', () => {
  const template = templateWith({ alarms: { failedPercent: 50, leastFailed: 100, leastTries: 10 } })
  const fires = (name: string, minutes: Minutes) => firesAfter(alarmOf(template, name), minutes).length > 0
  assert.ok(!fires('LoginsFail', logins({ LoginsOk: 60, LoginsFailed: 40 })))
  assert.ok(fires('LoginsFail', logins({ LoginsOk: 40, LoginsFailed: 60 })))
  assert.ok(!fires('LoginsAllFail', logins({ LoginsFailed: 1 })))
  assert.ok(fires('LoginsAllFail', logins({ LoginsFailed: 2 })))
})

test('the alarms that roll a deployment back are those that know of it within five minutes', () => {
  for (const name of GATE) {
    const { Period, Metrics = [], EvaluationPeriods } = alarmOf(example, name)
    const periods = [Period, ...Metrics.map(({ MetricStat }) => MetricStat?.Period)].filter(
      each => each !== undefined,
    )
    assert.ok(Math.max(...periods) * EvaluationPeriods <= 300, name)
  }
})

test('the evaluator of these tests reads metric math as CloudWatch documents it', () => {
  const values = { a: 2, b: 0, gone: undefined }
  assert.equal(evaluate('1 + a * 3', values), 7)
  assert.equal(evaluate('(1 + a) * 3', values), 9)
  assert.equal(evaluate('IF((a > 1) AND (b == 0), 1, 0)', values), 1)
  assert.equal(evaluate('gone + 1', values), undefined)
  assert.equal(evaluate('FILL(gone, 0) + 1', values), 1)
  assert.equal(evaluate('a / b', values), undefined)
  assert.throws(() => evaluate('a +', values))
  assert.throws(() => evaluate('unknown > 1', values))
})
