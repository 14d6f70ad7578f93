import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { ask, eventually, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { createHistory } from './history.ts'
import { judge, type RequestFacts } from './outcome.ts'

/** A login that is over, and was nothing special but for what is given. */
function login(id: string, rest: Partial<RequestFacts> = {}) {
  const req = new IncomingMessage(new Socket())
  req.headers['x-request-id'] = id
  return judge({ route: 'login', req, status: 200, ms: 5, bytes: 100, reused: true, attempts: 1, ...rest })
}

test('what fails, is left, is retried, is slow or opens a connection is kept, and says why', () => {
  const { count, notable } = createHistory()
  count(login('usual'))
  count(login('wrong-password', { status: 401 }))
  count(login('a', { status: 502, code: 'BACKEND_UNREACHABLE', cause: new Error('refused') }))
  count(login('b', { status: undefined }))
  count(login('c', { attempts: 2 }))
  count(login('d', { ms: 1000 }))
  count(login('e', { reused: false, address: '127.0.0.7' }))
  count({ ...login('a-page', { ms: 5000 }), route: 'page' })
  assert.deepEqual(
    notable.since(0).map(({ id, why }) => [id, why]),
    [
      ['a', 'failed'],
      ['b', 'gone'],
      ['c', 'retried'],
      ['d', 'slow'],
      ['e', 'new connection'],
    ],
  )
  assert.equal(notable.since(0)[0]?.cause, 'refused')
})

test('many of one sort push out none of another, and none are kept for ever', () => {
  const { count, notable } = createHistory()
  count(login('slow', { ms: 2000 }))
  for (let i = 0; i < 1000; i++) count(login(`failed-${i}`, { status: 502 }))
  const ids = notable.since(0).map(({ id }) => id)
  assert.deepEqual([ids.length, ids[0], ids.at(-1)], [26, 'slow', 'failed-999'])
})

test('only what is newer than a number is told again', () => {
  const { count, notable } = createHistory()
  count(login('a', { ms: 2000 }))
  const { newest } = notable
  assert.deepEqual(notable.since(newest), [])
  count(login('b', { reused: false }))
  assert.deepEqual(
    notable.since(newest).map(({ id }) => id),
    ['b'],
  )
})

test('the first login at an address that is new in DNS is kept, with its id and the address', async t => {
  const { alb, port, history, log } = await stage(t, { count: 1 })
  const [old = ''] = alb.listed
  await ask(port, request('POST /user/login', ['X-Request-Id: before'], 'abc'))
  const [fresh] = await alb.add(1)
  alb.drain(old)
  await eventually(() => log.some(({ msg }) => msg === 'addresses departed'))
  await ask(port, request('POST /user/login', ['X-Request-Id: after'], 'abc'))
  await eventually(() => history.notable.since(0).length === 2)
  const notable = history.notable.since(0).map(({ id, why, address }) => [id, why, address])
  assert.deepEqual(notable, [
    ['before', 'new connection', old],
    ['after', 'new connection', fresh],
  ])
})
