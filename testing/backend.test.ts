import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import https from 'node:https'
import { after, before, test } from 'node:test'
import { type DemoBackend, startDemoBackend } from './backend.ts'

let demo: DemoBackend

before(async () => {
  demo = await startDemoBackend({ scryptCost: 16, nodes: 2 })
})
after(() => demo.close())

async function signIn(headers: Record<string, string>, body: string): Promise<IncomingMessage> {
  const request = https.request({
    host: demo.alb.listed[1],
    port: demo.alb.port,
    servername: demo.alb.name,
    ca: await readFile(demo.env.NODE_EXTRA_CA_CERTS ?? ''),
    agent: false,
    path: '/user/login',
    method: 'POST',
    headers,
  })
  request.end(body)
  const [response]: IncomingMessage[] = await once(request, 'response')
  assert.ok(response)
  response.resume()
  return response
}

test('env is what the front needs to reach it', () => {
  const { BACKEND_ORIGIN, DNS_SERVERS, DNS_FAMILY, NODE_EXTRA_CA_CERTS, ...more } = demo.env
  assert.deepEqual(more, {})
  assert.equal(BACKEND_ORIGIN, demo.alb.origin)
  assert.equal(DNS_SERVERS, demo.dns.address)
  assert.match(DNS_FAMILY ?? '', /^(4|both)$/)
  assert.equal(existsSync(NODE_EXTRA_CA_CERTS ?? ''), true)
})

test('the demo account signs in through a node, trusted by the file of env', async () => {
  const headers = { 'Content-Type': 'application/json', 'X-Login-Id': 'one' }
  assert.equal((await signIn(headers, JSON.stringify(demo.account))).statusCode, 200)
  assert.equal(demo.logins.get('one'), 1)
})

test('a form login is sent to the API itself, by the ALB’s origin', async () => {
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'text/html' }
  const { location } = (await signIn(headers, `${new URLSearchParams(demo.account)}`)).headers
  assert.equal(location, `${demo.alb.origin}/account`)
})

test('closing removes the file, and may be done again', async () => {
  const backend = await startDemoBackend({ scryptCost: 16, nodes: 1 })
  await backend.close()
  await backend.close()
  assert.equal(existsSync(backend.env.NODE_EXTRA_CA_CERTS ?? ''), false)
})
