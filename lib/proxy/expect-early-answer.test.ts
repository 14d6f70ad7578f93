import assert from 'node:assert/strict'
import type http from 'node:http'
import https from 'node:https'
import { type TestContext, test } from 'node:test'
import { authority } from '../../test/backend.ts'
import { listening } from '../../test/listening.ts'
import { eventually } from '../../test/raw.ts'
import { stage, untilProven } from '../../test/stage.ts'

/**
 * An API over TLS, where a body has left some turns of the event loop after it was written; `answer` takes what comes
 * after it has proven that it says 100 before it routes.
 */
async function setUp(t: TestContext, answer: http.RequestListener) {
  let isProven = false
  const ports = new Set<number | undefined>()
  const take: http.RequestListener = (req, res) => {
    if (isProven) ports.add(req.socket.remotePort)
    if (isProven && req.method === 'POST') return answer(req, res)
    if (req.headers.expect !== undefined) res.writeContinue()
    req.resume().on('end', () => res.end('welcome'))
  }
  const server = https.createServer(await authority.issue(['127.0.0.1']), take).on('checkContinue', take)
  const accepted = new Set<number | undefined>()
  server.on('secureConnection', ({ remotePort }) => accepted.add(remotePort))
  const port = await listening(t, server)
  const front = await stage(t, { count: 1, env: { BACKEND_ORIGIN: `https://127.0.0.1:${port}` } })
  await untilProven(front)
  isProven = true
  const logIn = async (body: string) => {
    const signal = AbortSignal.timeout(10_000)
    const response = await fetch(`${front.url}/user/login`, { method: 'POST', body, signal })
    return [response.status, await response.text()]
  }
  return { logIn, ports, accepted, front }
}

test('a refusal in place of 100 over TLS reaches its client whole', async t => {
  const { logIn } = await setUp(t, (req, res) => {
    res.writeHead(401, { Connection: 'keep-alive', 'Content-Length': 2 }).end('no')
    req.resume()
  })
  assert.deepEqual(await logIn('name=taro'), [401, 'no'])
})

test('an API that says 100 and answers at once, without reading, keeps its connection', async t => {
  const { logIn, ports } = await setUp(t, (req, res) => {
    if (req.headers.expect !== undefined) res.writeContinue()
    res.writeHead(403, { 'Content-Length': 2 }).end('no')
    req.resume()
  })
  for (let i = 0; i < 5; i++) assert.deepEqual(await logIn('name=taro'), [403, 'no'])
  assert.equal(ports.size, 1)
})

test('an API that closes behind each refusal that it was asked about, as Tomcat does, keeps no login waiting for a handshake', async t => {
  const { logIn, ports, accepted, front } = await setUp(t, (req, res) => {
    const isAsked = req.headers.expect !== undefined
    if (isAsked) res.writeContinue()
    res.writeHead(401, { 'Content-Length': 2, Connection: isAsked ? 'close' : 'keep-alive' }).end('no')
    req.resume()
  })
  const { agent } = front.backend
  const connections = (kind: 'idle' | 'unused') =>
    Object.values(agent.state()).reduce((sum, each) => sum + (each[kind] ?? 0), 0)
  await eventually(async () => {
    if (connections('idle') === 0 && connections('unused') > 0) return true
    assert.deepEqual(await logIn('name=taro'), [401, 'no'])
    return false
  })
  assert.ok(agent.expectations.isProven('127.0.0.1'), 'an unused connection leads there, too')
  const before = new Set(accepted)
  ports.clear()
  await logIn('name=taro')
  assert.ok([...ports].every(each => before.has(each)))
  agent.closeIdle(['127.0.0.1'])
  await eventually(() => !agent.expectations.isProven('127.0.0.1'))
})
