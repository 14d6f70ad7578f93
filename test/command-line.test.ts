import assert from 'node:assert/strict'
import { test } from 'node:test'
import about from '../package.json' with { type: 'json' }
import { runProgram } from './run-program.ts'

const GATEHOUSE = 'command/gatehouse.ts'
const HELP = {
  init: '--dry-run',
  dev: '--port',
  build: 'next build',
  start: '--port',
  config: '| `PORT` |',
  doctor: '--json',
  healthcheck: '/healthz',
  'from-nginx': '--pages',
  ecs: '--nginx',
} as const

for (const [command, said] of Object.entries(HELP)) {
  test(`gatehouse ${command} --help says what it takes, and ends with 0`, async () => {
    const { out, errors, code } = await runProgram([GATEHOUSE, command, '--help'])
    assert.equal(code, 0)
    assert.ok((out + errors).includes(said))
  })

  // `next build` itself refuses what it does not know
  if (command === 'build') continue
  test(`gatehouse ${command} refuses an argument that it does not know, by its name`, async () => {
    const { out, errors, code } = await runProgram([GATEHOUSE, command, '--wrong'])
    assert.equal(code, 1)
    assert.equal(out, '')
    assert.match(errors, /--wrong/)
    assert.doesNotMatch(errors, /^ {4}at /m)
  })
}

test('-h is --help', async () => {
  const [short, long] = await Promise.all(
    ['-h', '--help'].map(help => runProgram([GATEHOUSE, 'from-nginx', help])),
  )
  assert.deepEqual(short, long)
})

for (const words of [[GATEHOUSE], ['server.ts'], ['server.ts', 'start']]) {
  test(`${words.join(' ')} --version prints the version`, async () => {
    const said = { out: `${about.version}\n`, errors: '', code: 0 }
    assert.deepEqual(await runProgram([...words, '--version']), said)
  })
}

for (const words of [['docter'], ['--wrong'], ['start', 'now'], ['doctor', '--xml']]) {
  test(`server.ts ${words.join(' ')} is refused, and nothing starts`, async () => {
    const { out, errors, code } = await runProgram(['server.ts', ...words])
    assert.equal(code, 1)
    assert.equal(out, '')
    assert.match(errors, new RegExp(`does not know the argument .*${words.at(-1)}\\.`))
  })
}

for (const words of [
  ['server.ts', '-p', 'x'],
  ['server.ts', 'start', '--port=x'],
  [GATEHOUSE, 'start', '--port', 'x'],
  [GATEHOUSE, 'dev', '--port', 'x'],
  ['tools/dev.ts', '-px'],
]) {
  test(`${words.join(' ')} is the setting PORT`, async () => {
    const { errors, code } = await runProgram(words, { BACKEND_ORIGIN: 'http://127.0.0.1:9' })
    assert.equal(code, 1)
    assert.match(errors, /^Gatehouse cannot start: 1 mistake in the settings\n {2}PORT is "x"; .+\n$/)
  })
}
