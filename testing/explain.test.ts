import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Balancer } from './balancer.ts'
import type { BalancerEvent } from './balancer-options.ts'
import { explain, type Sent } from './explain.ts'
import type { SeenRequest } from './seen.ts'

const SINCE = 1000
const ORIGIN = 'https://api.dev.jp:40001'
const failed: Sent = { id: 'one', method: 'POST', path: '/user/login', status: 404 }

/** What `explain` reads of front and balancer. */
function facts(
  routes: string[] | undefined,
  seen: Partial<SeenRequest>[],
  events: BalancerEvent[],
  log: string[] = [],
  to = ORIGIN,
) {
  const requests = seen.map(each => ({
    id: '',
    method: 'POST',
    path: '/user/login',
    node: 'a',
    at: 2000,
    whole: true,
    ...each,
  }))
  const status = routes && { routes: routes.map(path => ({ path, kind: 'login', to })) }
  const balancer: Pick<Balancer, 'seen' | 'events' | 'origin'> = {
    origin: ORIGIN,
    events,
    seen: { requests, executed: () => 0, executedMoreThanOnce: () => [], byNode: () => ({}) },
  }
  return { front: { status: async () => status, log }, balancer, since: SINCE, sent: [failed] }
}

const moved: BalancerEvent = { at: 1500, what: 'the addresses changed', old: ['a'], fresh: ['b'] }

test('a path that no route takes and that pages answer: the routes, and what to write', async () => {
  const [why = ''] = await explain(facts(['/sign-in'], [], []))
  assert.match(why, /was answered with 404 by the pages.*\(routes: \/sign-in\).*BACKEND_PATHS=\/user\/login/)
})

test('a path that no route takes and that reaches the API all the same: a rewrite', async () => {
  const [why = ''] = await explain(facts(['/user/log'], [{}], []))
  assert.match(why, /reached the API, but not through Gatehouse.*rewrite in next\.config/)
})

test('a route covers its path at a segment boundary', async () => {
  for (const route of ['/user/login', '/user', '/user/', '/', '= /user/login'])
    assert.deepEqual(await explain(facts([route], [{}], [])), [], route)
})

test('a route that leads to another origin than the balancer: both, and what to write', async () => {
  for (const to of ['https://api.dev.jp', `${ORIGIN}0/v1`]) {
    const [why = ''] = await explain(facts(['/user/login'], [], [], [], to))
    assert.ok(why.includes(`its route leads to ${to}, and not to the balancer (${ORIGIN})`), why)
    assert.match(
      why,
      /process\.env\.API_ORIGIN.*balancer\.origin.*if it has none, take BACKEND_ORIGIN out of these `settings`\.$/,
    )
  }
  const [why = ''] = await explain(facts(['/user/login'], [], [], [], `${ORIGIN}/v1`))
  assert.match(why, /it did not reach the API\.$/)
})

test('a request that a route gives another path has reached the API', async () => {
  assert.deepEqual(await explain(facts(['/user/login'], [{ id: 'one', path: '/v1/login' }], [])), [])
})

test('no request at the new addresses: it does not follow DNS; some of them: it does not wait', async () => {
  const [none = ''] = await explain(facts(undefined, [{}], [moved]))
  assert.match(none, /from a to b\. Since then no request has come to the new addresses/)
  const [some = ''] = await explain(facts(undefined, [{ node: 'b' }], [moved]))
  assert.match(some, /Since then 1 request has come to the new addresses, but others failed/)
})

test('an address change before the test is no reason', async () => {
  assert.deepEqual(await explain(facts(undefined, [{}], [{ ...moved, at: 500 }])), [])
})

test('an API behind the balancer that cannot be reached: what to start, before what was done to the balancer', async () => {
  const what = 'the target http://localhost:8080 cannot be reached: ECONNREFUSED'
  const missed: BalancerEvent = { at: 1500, what, unreached: 'http://localhost:8080' }
  const refused: BalancerEvent = { at: 1200, what: 'new connections are refused' }
  const [first = '', second = ''] = await explain(facts(undefined, [{}], [refused, missed]))
  assert.equal(first, `T${what.slice(1)}. Start the API there, or correct \`target\`.`)
  assert.match(second, /new connections are refused/)
  assert.deepEqual(await explain(facts(undefined, [{}], [{ ...missed, at: 500 }])), [])
})

test("an error of the API's or the app's own is called that", async () => {
  const line = (more: object) =>
    JSON.stringify({
      level: 'warn',
      time: 2000,
      method: 'POST',
      path: '/a',
      status: 500,
      msg: 'request',
      ...more,
    })
  assert.deepEqual(
    await explain(facts(undefined, [{}], [], [line({ address: '127.0.0.1' }), line({ worker: 1 })])),
    [
      "Gatehouse's log says, once: POST /a got 500 from the API itself",
      "Gatehouse's log says, once: POST /a got 500 from the app itself",
    ],
  )
})

test('warnings of the log are there once each with their number, older ones and other lines are not', async () => {
  const line = (level: string, time: number) =>
    JSON.stringify({ level, time, code: 'TOO_MANY', msg: 'request' })
  const log = [line('warn', 2000), line('warn', 2001), line('warn', 900), line('info', 2000), 'no JSON {']
  assert.deepEqual(await explain(facts(undefined, [{}], [], log)), [
    "Gatehouse's log says, 2 times: TOO_MANY",
  ])
})
