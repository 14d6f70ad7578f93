import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read } from '../../test/settings.ts'
import { GatewayError } from '../http/errors.ts'
import { createTable } from './table.ts'

const find = createTable(read({ BACKEND_PATHS: '/user/login,/api', LOGIN_PATHS: '/user/login' }).routes)
const MOST_MS = 3
const TIMES = 10
const ODD = ['/%2e/..;/..\\', '/..;/..\\/a/..', '/%2e%5c.;%2f', '/.%2e;\\/.;/', '/%252e/%252e;/%252e%252e\\']

/** `each` takes less CPU than the readings of one such path, which took 28 ms. */
function takesLittle(each: () => void) {
  each()
  const before = process.cpuUsage()
  for (let i = 0; i < TIMES; i++) each()
  const { user, system } = process.cpuUsage(before)
  const ms = (user + system) / 1000 / TIMES
  assert.ok(ms < MOST_MS, `${ms} ms`)
}

for (const start of ['/user/login', '/api'])
  for (const unit of ODD)
    test(`8 KB of ${start}${unit}… are refused before they are read in all ways`, () => {
      const path = start + unit.repeat(8000 / unit.length)
      takesLittle(() =>
        assert.throws(
          () => find(path),
          error => error instanceof GatewayError && error.code === 'BAD_REQUEST',
        ),
      )
    })

for (const unit of ODD)
  test(`8 KB of ${unit}… beside the routes are left to the pages unread`, () => {
    takesLittle(() => assert.equal(find(`/x${unit.repeat(8000 / unit.length)}`), undefined))
  })

test('an API gets a path with dot segments that stay below its own', () => {
  assert.equal(find('/api/a/../b/./c')?.target, '/api/a/../b/./c')
})
