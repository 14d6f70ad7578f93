import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { BARE_ENV } from '../test/bare-env.ts'
import { languageOf, textsOf } from './language.ts'

for (const [env, language] of [
  [{}, 'en'],
  [{ LANG: 'ja_JP.UTF-8' }, 'ja'],
  [{ LANG: 'ja' }, 'ja'],
  [{ LANG: 'C.UTF-8' }, 'en'],
  [{ LANG: 'jam_JM.UTF-8' }, 'en'],
  [{ LANG: 'en_US.UTF-8', LC_MESSAGES: 'ja_JP.UTF-8' }, 'ja'],
  [{ LANG: 'ja_JP.UTF-8', LC_MESSAGES: 'en_US.UTF-8' }, 'en'],
  [{ LANG: 'ja_JP.UTF-8', LC_MESSAGES: 'ja_JP.UTF-8', LC_ALL: 'C' }, 'en'],
  [{ LANG: 'ja_JP.UTF-8', LC_ALL: '' }, 'ja'],
] as const) {
  test(`${JSON.stringify(env)} speaks ${language}`, () => {
    assert.equal(languageOf(env), language)
  })
}

const gatehouse = (args: string[], env: Record<string, string>) =>
  spawnSync(process.execPath, ['command/gatehouse.ts', ...args], {
    encoding: 'utf8',
    env: { ...BARE_ENV, NODE_ENV: 'production', ...env },
  })

for (const args of [
  [],
  ['biuld'],
  ['build', '--help'],
  ['init', '--help'],
  ['ecs', '--help'],
  ['doctor', '--help'],
]) {
  test(`gatehouse ${args.join(' ')} speaks Japanese by LANG, with the exit code that it has in English`, () => {
    const japanese = gatehouse(args, { LANG: 'ja_JP.UTF-8' })
    const english = gatehouse(args, { LANG: 'C' })
    assert.match(japanese.stdout + japanese.stderr, /[\p{sc=Hira}\p{sc=Kana}]/u)
    assert.doesNotMatch(english.stdout + english.stderr, /[^\x20-\x7e\n]/)
    assert.equal(japanese.status, english.status)
    const names = (text: string) => [...new Set(text.match(/--[a-z-]+|\b[A-Z]+_[A-Z_]+\b/g))].sort()
    assert.deepEqual(names(japanese.stdout + japanese.stderr), names(english.stdout + english.stderr))
  })
}

test('the version does not change with the language', () => {
  const [japanese, english] = ['ja_JP.UTF-8', 'C'].map(LANG => gatehouse(['--version'], { LANG }).stdout)
  assert.match(english ?? '', /^\d+\.\d+\.\d+\n$/)
  assert.equal(japanese, english)
})

for (const [args, env] of [
  [['start'], { BACKEND_PATHS: 'x' }],
  [['config'], { BACKEND_ORIGIN: 'http://127.0.0.1:9' }],
  [['config'], { BACKEND_ORIGIN: 'x' }],
  [['doctor'], { PORT: 'x' }],
  [['from-nginx', '--help'], {}],
] as const) {
  test(`gatehouse ${args.join(' ')} with ${JSON.stringify(env)} speaks Japanese, of the same settings, with the same exit code`, () => {
    const [japanese, english] = ['ja_JP.UTF-8', 'C'].map(LANG => gatehouse([...args], { ...env, LANG }))
    assert.ok(japanese && english)
    assert.match(japanese.stdout + japanese.stderr, /[\p{sc=Hira}\p{sc=Kana}]/u)
    assert.doesNotMatch(english.stdout + english.stderr, /[\p{sc=Hira}\p{sc=Kana}]/u)
    assert.equal(japanese.status, english.status)
    const names = (text: string) => [...new Set(text.match(/\b[A-Z]+_[A-Z_]+\b/g))].sort()
    assert.deepEqual(names(japanese.stdout + japanese.stderr), names(english.stdout + english.stderr))
  })
}

test('the block of URLs in Japanese is aligned', () => {
  const { urls } = textsOf({ LANG: 'ja' })
  const widths = Object.values(urls).map(each => each.length + (each.match(/[^ ]/g)?.length ?? 0))
  assert.equal(new Set(widths).size, 1)
})

const COMMANDS = ['init', 'dev', 'build', 'start', 'config', 'doctor', 'healthcheck', 'from-nginx', 'ecs']

for (const command of COMMANDS) {
  test(`gatehouse ${command} --version prints the version, and begins nothing`, () => {
    const { stdout, stderr, status } = gatehouse([command, '--version'], {})
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
    assert.deepEqual({ stderr, status }, { stderr: '', status: 0 })
  })
}

for (const command of COMMANDS.filter(each => each !== 'build')) {
  test(`gatehouse ${command}: an option that it does not know is refused, by name and in one line`, () => {
    const { stdout, stderr, status } = gatehouse([command, '--prot'], {})
    assert.equal(status, 1)
    assert.equal(stdout, '')
    assert.match(stderr, /^gatehouse.* --prot\b.*\n$/i)
  })
}
