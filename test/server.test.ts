import assert from 'node:assert/strict'
import net from 'node:net'
import { test } from 'node:test'
import { listen } from '../lib/front/listen.ts'
import { settingsTable } from '../lib/settings/schema.ts'
import { runProgram } from './run-program.ts'

const run = (env: Record<string, string>, ...args: string[]) => runProgram(['server.ts', ...args], env)

// each of them starts a process: all at once
test('server.ts', { concurrency: true }, async t => {
  const without = t.test('without BACKEND_ORIGIN it ends with 1 and says so, without a stack', async () => {
    const { out, errors, code } = await run({})
    assert.equal(code, 1)
    assert.equal(out, '')
    assert.match(
      errors,
      /^Gatehouse cannot start: 1 mistake in the settings\n {2}BACKEND_ORIGIN is not set, and there is no gatehouse\.config\.ts; .+\n$/,
    )
  })

  const mistakes = t.test('every mistake has a line of its own', async () => {
    const { errors, code } = await run({ BACKEND_ORIGIN: 'api.dev.jp', PORT: 'x', DNS_MAX_TTL: '-1' })
    assert.equal(code, 1)
    assert.match(errors, /^Gatehouse cannot start: 3 mistakes in the settings\n( {2}\w+ is .+\n){3}$/)
  })

  const taken = t.test('a taken port ends it with 1 and one line', async () => {
    const other = net.createServer()
    const EGRESS_PORT = String(await listen(other, 0, '127.0.0.1'))
    const { errors, code } = await run({ BACKEND_ORIGIN: 'http://127.0.0.1:9', EGRESS_PORT })
    other.close()
    assert.equal(code, 1)
    assert.match(
      errors,
      new RegExp(`^Gatehouse cannot start: EGRESS_PORT ${EGRESS_PORT} is taken: set EGRESS_PORT .+\n$`),
    )
  })

  const help = t.test('--help prints the table of settings and ends with 0', async () => {
    const { out, errors, code } = await run({}, '--help')
    assert.equal(code, 0)
    assert.equal(errors, '')
    assert.ok(out.endsWith(`\n${settingsTable()}\n`))
  })

  await Promise.all([without, mistakes, taken, help])
})
