import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { z } from 'zod'
import { eventually } from '../../test/raw.ts'
import { LISTENERS } from '../../testing/front-process.ts'

const Line = z.object({ msg: z.string(), pid: z.number().optional() })

/** A front whose input is a terminal of its own, by `script`; its log is a file, which is there when the terminal is not. */
async function startInTerminal(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-terminal-'))
  const file = join(folder, 'log')
  const command = `echo $$ > ${folder}/pid; exec ${process.execPath} server.ts > ${file} 2>&1`
  const terminal = spawn('script', ['-qfec', command, '/dev/null'], {
    cwd: new URL('../..', import.meta.url),
    env: {
      ...process.env,
      ...LISTENERS,
      NODE_ENV: 'production',
      BACKEND_ORIGIN: 'http://127.0.0.1:9',
      PAGE_WORKERS: '1',
      STOP_DELAY: '60s',
    },
    // an open pipe: `script` ends where its own input does
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  /** Resolves with the lines of the log when one is there that fits. */
  async function logged(fits: (line: z.infer<typeof Line>) => boolean) {
    return eventually(() => {
      const lines = read(file)
      return lines.some(fits) && lines
    })
  }
  await logged(({ msg }) => msg === 'ready')
  const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'))
  t.after(async () => {
    terminal.kill('SIGKILL')
    if (runs(pid)) process.kill(pid, 'SIGKILL')
    await rm(folder, { recursive: true })
  })
  return { terminal, pid, logged }
}

function read(file: string) {
  try {
    const whole = readFileSync(file, 'utf8').split('\n').slice(0, -1)
    return whole.filter(each => each.startsWith('{')).map(each => Line.parse(JSON.parse(each)))
  } catch (error) {
    // it is not written yet
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const skip = spawnSync('script', ['--version']).status === 0 ? false : 'script is not installed'

test('SIGHUP while its terminal is open replaces the page workers', { skip }, async t => {
  const { pid, logged } = await startInTerminal(t)
  const workers = (lines: Awaited<ReturnType<typeof logged>>) =>
    lines.filter(({ msg }) => msg === 'page worker ready').map(each => each.pid)
  const [first] = workers(await logged(({ msg }) => msg === 'page worker ready'))
  process.kill(pid, 'SIGHUP')
  const lines = await logged(each => each.msg === 'page worker ready' && each.pid !== first)
  assert.ok(!lines.some(({ msg }) => msg === 'stopping'))
  assert.ok(runs(pid))
})

test('SIGHUP because its terminal was closed stops the front at once and gracefully, however often it comes', {
  skip,
}, async t => {
  const { terminal, pid, logged } = await startInTerminal(t)
  terminal.kill('SIGKILL')
  await logged(({ msg }) => msg === 'stopping')
  if (runs(pid)) process.kill(pid, 'SIGHUP')
  await logged(({ msg }) => msg === 'stopped')
})
