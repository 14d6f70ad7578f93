import assert from 'node:assert/strict'
import http from 'node:http'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import { listening } from '../../test/listening.ts'
import { readConfig } from '../settings/settings.ts'
import { listen } from './listen.ts'
import { describeListenError, findFreePorts } from './ports.ts'

const configOf = (env: Record<string, string>) => readConfig({ BACKEND_ORIGIN: 'http://127.0.0.1:9', ...env })

/** Somebody else who listens, for as long as the test runs. */
const occupy = (t: TestContext): Promise<number> => listening(t, net.createServer())

test('a default port that is taken gives way to the next free one', async t => {
  const wished = await occupy(t)
  const { config, taken } = await findFreePorts(configOf({ PORT: `${wished}`, HOST: '127.0.0.1' }), {
    ADMIN_PORT: '0',
    EGRESS_PORT: '0',
  })
  assert.ok(config.PORT > wished)
  assert.deepEqual(taken, [{ setting: 'PORT', wished, port: config.PORT }])
  const server = http.createServer()
  assert.equal(await listen(server, config.PORT, config.HOST), config.PORT)
  server.close()
})

test('the next free port is none that another listener of the front wishes', async t => {
  const wished = await occupy(t)
  const ports = { PORT: `${wished}`, ADMIN_PORT: `${wished + 1}`, EGRESS_PORT: `${wished + 2}` }
  const { config } = await findFreePorts(configOf({ ...ports, HOST: '127.0.0.1' }), {})
  assert.equal(new Set([wished, config.PORT, config.ADMIN_PORT, config.EGRESS_PORT]).size, 4)
})

test('a port that somebody has set stays, though it is taken', async t => {
  const env = { PORT: `${await occupy(t)}`, HOST: '127.0.0.1', ADMIN_PORT: '0', EGRESS_PORT: '0' }
  const { config, taken } = await findFreePorts(configOf(env), env)
  assert.equal(config.PORT, Number(env.PORT))
  assert.deepEqual(taken, [])
})

for (const setting of ['PORT', 'ADMIN_PORT', 'EGRESS_PORT']) {
  test(`a taken ${setting} is named, and what to do`, async t => {
    const port = await occupy(t)
    const error = await listen(http.createServer(), port, '127.0.0.1').catch((reason: unknown) => reason)
    assert.equal(
      describeListenError(error, configOf({ [setting]: `${port}` }))?.en,
      `${setting} ${port} is taken: set ${setting} to a free port, or stop what listens there`,
    )
  })
}

// a load balancer does not reach 127.0.0.1
for (const [setting, always] of [
  ['HOST', '0.0.0.0'],
  ['ADMIN_HOST', '127.0.0.1'],
] as const) {
  test(`a ${setting} of another machine is named`, async () => {
    // TEST-NET-3, RFC 5737
    const error = await listen(http.createServer(), 0, '203.0.113.1').catch((reason: unknown) => reason)
    assert.match(
      describeListenError(error, configOf({ [setting]: '203.0.113.1', ADMIN_TOKEN: 'x'.repeat(32) }))?.en ??
        '',
      new RegExp(
        `^${setting} 203\\.0\\.113\\.1 is no address of this machine: set ${setting} to one, or to ${always}$`,
      ),
    )
  })
}

test('another error is left to whoever describes it', () => {
  assert.equal(describeListenError(new Error('EADDRINUSE'), configOf({})), undefined)
  assert.equal(describeListenError('no', configOf({})), undefined)
})
