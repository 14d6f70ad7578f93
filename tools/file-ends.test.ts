import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { runCommand } from '../test/run-program.ts'
import { temporaryFolder } from '../test/temporary-folder.ts'

for (const [words, script, reason] of [
  [
    'an error after the end of its test',
    "test('over', () => void setTimeout(() => { throw new Error('late') }, 50))",
    /ended with exit code 1; .*over.*\n(?:.*\n)*? {2}Error: late\n +at /,
  ],
  [
    'a rejection after the end of its test',
    "test('over', () => void setTimeout(() => Promise.reject(new Error('late')), 50))",
    /ended with exit code 1; .*over.*\n(?:.*\n)*? {2}Error: late\n +at /,
  ],
  [
    'an exit',
    "console.error('last words')\ntest('over', () => process.exit(7))",
    /ended with exit code 7; .*\n {2}last words\n/,
  ],
  [
    'a signal',
    "console.error('last words')\ntest('over', () => process.kill(process.pid, 'SIGKILL'))",
    /ended by SIGKILL; .*\n {2}last words\n/,
  ],
] as const)
  test(`a file that fails without a failed test, by ${words}, says why`, async t => {
    const file = join(await temporaryFolder(t), 'one.test.mjs')
    await writeFile(file, `import { test } from 'node:test'\n${script}\n`)
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const { out, code } = await runCommand([process.execPath, 'tools/test.ts', file], { env })
    assert.match(out, reason)
    assert.equal(code, 1)
  })
