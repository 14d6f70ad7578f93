import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

/**
 * A folder with a program `aws` that is this shell script: `$*` are its arguments, and what it keeps it keeps in files beside it.
 * @returns `run`: bash with it first in PATH, in that folder; `calls`: what it was asked so far, a line each
 */
export function fakeAws(t: TestContext, script: string) {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-aws-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const calls = join(folder, 'calls')
  writeFileSync(calls, '')
  const head = `#!/bin/sh\ncd '${folder}' || exit 1\nprintf '%s\\n' "$(printf '%s ' "$@" | tr '\\n' ' ')" >> calls\n`
  writeFileSync(join(folder, 'aws'), head + script)
  chmodSync(join(folder, 'aws'), 0o755)
  return {
    folder,
    calls: () => readFileSync(calls, 'utf8').trim().split('\n'),
    run(commands: string, env: Readonly<Record<string, string>> = {}) {
      // as GitHub runs a step
      const { status, stdout, stderr } = spawnSync('bash', ['-eo', 'pipefail', '-c', commands], {
        cwd: folder,
        encoding: 'utf8',
        env: { NODE_ENV: 'test', PATH: `${folder}:${process.env.PATH}`, ...env },
      })
      return { status, said: stdout + stderr }
    },
  }
}
