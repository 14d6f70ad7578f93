import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runProgram } from '../test/run-program.ts'
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

const gatehouse = (args: readonly string[], env: Record<string, string>) =>
  runProgram(['command/gatehouse.ts', ...args], env)

for (const args of [
  [],
  ['biuld'],
  ['build', '--help'],
  ['init', '--help'],
  ['ecs', '--help'],
  ['ecs', 'none.json'],
  ['doctor', '--help'],
]) {
  test(`gatehouse ${args.join(' ')} speaks Japanese by LANG, with the exit code that it has in English`, async () => {
    const [japanese, english] = await Promise.all([
      gatehouse(args, { LANG: 'ja_JP.UTF-8' }),
      gatehouse(args, { LANG: 'C' }),
    ])
    assert.match(japanese.out + japanese.errors, /[\p{sc=Hira}\p{sc=Kana}]/u)
    assert.doesNotMatch(english.out + english.errors, /[^\x20-\x7e\n]/)
    assert.equal(japanese.code, english.code)
    const names = (text: string) => [...new Set(text.match(/--[a-z-]+|\b[A-Z]+_[A-Z_]+\b/g))].sort()
    assert.deepEqual(names(japanese.out + japanese.errors), names(english.out + english.errors))
  })
}

test('the version does not change with the language', async () => {
  const ran = await Promise.all(['ja_JP.UTF-8', 'C'].map(LANG => gatehouse(['--version'], { LANG })))
  const [japanese, english] = ran.map(each => each.out)
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
  test(`gatehouse ${args.join(' ')} with ${JSON.stringify(env)} speaks Japanese, of the same settings, with the same exit code`, async () => {
    const [japanese, english] = await Promise.all([
      gatehouse(args, { ...env, LANG: 'ja_JP.UTF-8' }),
      gatehouse(args, { ...env, LANG: 'C' }),
    ])
    assert.match(japanese.out + japanese.errors, /[\p{sc=Hira}\p{sc=Kana}]/u)
    assert.doesNotMatch(english.out + english.errors, /[\p{sc=Hira}\p{sc=Kana}]/u)
    assert.equal(japanese.code, english.code)
    const names = (text: string) => [...new Set(text.match(/\b[A-Z]+_[A-Z_]+\b/g))].sort()
    assert.deepEqual(names(japanese.out + japanese.errors), names(english.out + english.errors))
  })
}

test('the block of URLs in Japanese is aligned', () => {
  const { urls } = textsOf({ LANG: 'ja' })
  const widths = Object.values(urls).map(each => each.length + (each.match(/[^ ]/g)?.length ?? 0))
  assert.equal(new Set(widths).size, 1)
})

const COMMANDS = ['init', 'dev', 'build', 'start', 'config', 'doctor', 'healthcheck', 'from-nginx', 'ecs']

for (const command of COMMANDS) {
  test(`gatehouse ${command} --version prints the version, and begins nothing`, async () => {
    const { out, errors, code } = await gatehouse([command, '--version'], {})
    assert.match(out, /^\d+\.\d+\.\d+\n$/)
    assert.deepEqual({ errors, code }, { errors: '', code: 0 })
  })
}

for (const command of COMMANDS.filter(each => each !== 'build')) {
  test(`gatehouse ${command}: an option that it does not know is refused, by name and in one line`, async () => {
    const { out, errors, code } = await gatehouse([command, '--prot'], {})
    assert.equal(code, 1)
    assert.equal(out, '')
    assert.match(errors, /^gatehouse.* --prot\b.*\n$/i)
  })
}
