import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { mostConnections } from './descriptors.ts'

for (const [limit, most] of [
  [1024, 416],
  [4096, 1952],
  [65_536, 8192],
  [Number.POSITIVE_INFINITY, 8192],
  [100, 1],
] as const) {
  test(`with ${limit} descriptors ${most} clients may be connected`, () => {
    assert.equal(mostConnections(limit), most)
  })
}

test('the runbook and the dashboard of Grafana say what the bound is', () => {
  const [, from = ''] = /`ulimit -n` is below ([\d,]+)/.exec(readFileSync('docs/runbook.md', 'utf8')) ?? []
  const limit = Number(from.replace(',', ''))
  assert.deepEqual([mostConnections(limit - 1), mostConnections(limit)], [8191, 8192])
  const [, less, share] =
    /limit of open files - (\d+)\) \/ (\d+), and 8192/.exec(
      readFileSync('deploy/observability/dashboard.json', 'utf8'),
    ) ?? []
  assert.equal(mostConnections(10_000), Math.floor((10_000 - Number(less)) / Number(share)))
})

test("the process's own limit counts", () => {
  const script = `import('${new URL('./descriptors.ts', import.meta.url)}').then(it => console.log(it.mostConnections()))`
  const { stdout } = spawnSync(
    'sh',
    ['-c', `ulimit -n 1024 && exec "$0" -e "$1"`, process.execPath, script],
    {
      encoding: 'utf8',
    },
  )
  assert.equal(stdout.trim(), '416')
})
