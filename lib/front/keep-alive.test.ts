import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { readConfig } from '../settings/settings.ts'
import { warnOfKeepAlive } from './keep-alive.ts'

/** The lines of the log with these settings, and with a route that waits so long. */
function linesWith(env: Record<string, string>, timeout?: string) {
  const lines: string[] = []
  const route = { path: '/reports', to: 'https://api.dev.jp', ...(timeout && { timeout }) }
  const file = { name: 'gatehouse.config.ts', content: { routes: [route] } }
  warnOfKeepAlive(readConfig(env, file), pino({}, { write: (line: string) => void lines.push(line) }))
  return lines
}

test('KEEP_ALIVE_TIMEOUT must be above what an ALB waits: 60 s, BACKEND_TIMEOUT and the timeout of each route', () => {
  assert.deepEqual(linesWith({}), [])
  assert.deepEqual(linesWith({ KEEP_ALIVE_TIMEOUT: '310s' }, '300s'), [])
  for (const [env, timeout, least] of [
    [{ KEEP_ALIVE_TIMEOUT: '60s' }, undefined, 60],
    [{ BACKEND_TIMEOUT: '90s' }, undefined, 90],
    [{}, '300s', 300],
  ] as const) {
    const [line = '', ...more] = linesWith(env, timeout)
    assert.match(line, RegExp(`"leastSeconds":${least},.*KEEP_ALIVE_TIMEOUT is too short`))
    assert.deepEqual(more, [])
  }
})
