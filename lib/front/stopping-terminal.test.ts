import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { LISTENERS } from '../../testing/front-process.ts'

const Ready = z.object({ port: z.number() })
const STARTS_WITHIN_MS = 60_000
const ENDS_WITHIN_MS = 30_000

/** `script` gives it a terminal of its own. */
async function startInTerminal(
  t: TestContext,
): Promise<{ terminal: ChildProcess; pid: number; port: number }> {
  const command = `echo "pid $$"; exec ${process.execPath} server.ts`
  const terminal = spawn('script', ['-qfec', command, '/dev/null'], {
    cwd: new URL('../..', import.meta.url),
    env: {
      ...process.env,
      ...LISTENERS,
      NODE_ENV: 'production',
      BACKEND_ORIGIN: 'http://127.0.0.1:9',
      STOP_DELAY: '60s',
    },
    // an open pipe: `script` ends where its own input does
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.after(() => terminal.kill('SIGKILL'))
  const signal = AbortSignal.timeout(STARTS_WITHIN_MS)
  let pid = 0
  for await (const line of createInterface({ input: terminal.stdout, signal })) {
    const [, said] = /^pid (\d+)/.exec(line) ?? []
    if (said !== undefined) {
      pid = Number(said)
      t.after(() => end(pid))
    }
    if (line.includes('"msg":"ready"')) return { terminal, pid, port: Ready.parse(JSON.parse(line)).port }
  }
  throw new Error('the front was not ready')
}

const refused = (error: unknown) => {
  if (!(error instanceof TypeError)) throw error
  return undefined
}

function end(pid: number) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended
  }
}

const skip = spawnSync('script', ['--version']).status === 0 ? false : 'script is not installed'

test('SIGHUP of a terminal replaces the page workers, and one because it was closed stops the front at once', {
  skip,
}, async t => {
  const { terminal, pid, port } = await startInTerminal(t)
  process.kill(pid, 'SIGHUP')
  const answer = await fetch(`http://127.0.0.1:${port}/healthz`)
  assert.equal(answer.status, 200)
  await answer.text()
  terminal.kill('SIGKILL')
  const signal = AbortSignal.timeout(ENDS_WITHIN_MS)
  const stops = () => fetch(`http://127.0.0.1:${port}/healthz`, { signal }).then(each => each.text(), refused)
  while ((await stops()) !== undefined) await sleep(50)
})
