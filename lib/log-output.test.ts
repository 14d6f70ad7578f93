import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, openSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'

const LOG = new URL('log.ts', import.meta.url).href

/** Runs a script that has `log`, with its standard output where `stdout` says. */
function run(script: string, stdout: 'pipe' | number) {
  const text = `import { createLog } from '${LOG}'\nconst log = createLog('info', false)\n${script}`
  const args = ['--input-type=module-typescript', '-e', text]
  return spawn(process.execPath, args, { stdio: ['ignore', stdout, 'inherit', 'ipc'] })
}

const ENDLESS = `setInterval(() => { for (let i = 0; i < 2000; i++) log.info({ i, text: 'x'.repeat(100) }, 'line') }, 50)`

test('what is logged right before the end is written', async () => {
  const child = run(`log.info('the last words'); process.exit(3)`, 'pipe')
  const [chunk] = await once(child.stdout ?? child, 'data')
  assert.match(String(chunk), /"the last words"/)
  const [code] = await once(child, 'close')
  assert.equal(code, 3)
})

/** All that a script has logged when it has ended. */
async function saidBy(script: string): Promise<string> {
  const child = run(script, 'pipe')
  const [said, [code]] = await Promise.all([text(child.stdout ?? process.stdin), once(child, 'close')])
  assert.equal(code, 3)
  return said
}

const LAST = `log.info('the last words'); process.exit(3)`

test('what is logged before and after a time in which the event loop was blocked is written', async () => {
  const said = await saidBy(
    `log.info('before'); const until = performance.now() + 1500; while (performance.now() < until); ${LAST}`,
  )
  assert.match(said, /"before".*"the last words"/s)
})

test('a reader that has stopped does not keep the process from ending', async () => {
  const child = run(`${ENDLESS}; setTimeout(() => process.exit(3), 2000)`, 'pipe')
  const [code] = await once(child, 'exit')
  assert.equal(code, 3)
})

test('a reader that is gone does not keep the process from ending', async () => {
  const child = run(`process.on('message', () => { ${LAST} }); process.send?.('ready')`, 'pipe')
  await once(child, 'message')
  child.stdout?.destroy()
  child.send('end')
  const [code] = await once(child, 'exit')
  assert.equal(code, 3)
})

const FULL = '/dev/full'
test('a disk that is full does not keep the process from ending', {
  skip: existsSync(FULL) ? false : `${FULL} is not there`,
}, async () => {
  const child = run(LAST, openSync(FULL, 'w'))
  const [code] = await once(child, 'exit')
  assert.equal(code, 3)
})

test('a disk that is full ends no process', {
  skip: existsSync(FULL) ? false : `${FULL} is not there`,
}, async () => {
  const child = run(`${ENDLESS}; setTimeout(() => process.exit(3), 1000)`, openSync(FULL, 'w'))
  const [code] = await once(child, 'exit')
  assert.equal(code, 3)
})

test('lines that were lost are told of', async () => {
  // 27 MB, of which 16 may wait
  const child = run(
    `for (let i = 0; i < 150_000; i++) log.info({ i, text: 'x'.repeat(100) }, 'line')
    process.send?.('written')
    setInterval(() => log.info('on'), 50)
    process.once('SIGTERM', () => process.exit(0))`,
    'pipe',
  )
  await once(child, 'message')
  let text = ''
  let [lost, written] = [0, 0]
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    written += chunk.split('"msg":"line"').length - 1
    const [, lines] = /"lines":(\d+),"msg":"lines of the log were lost/.exec(text) ?? []
    if (lines !== undefined && !child.killed) {
      lost = Number(lines)
      child.kill()
    }
    text = text.slice(-4096)
  })
  const [code] = await once(child, 'close')
  assert.equal(code, 0)
  // some have come in two chunks; those that were lost in a row were told of at once
  assert.ok(Math.abs(lost + written - 150_000) < 1000, `${lost} lost, ${written} written`)
})
