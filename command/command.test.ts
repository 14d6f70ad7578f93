import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settingsList } from '../lib/settings/schema.ts'
import about from '../package.json' with { type: 'json' }
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

const GATEHOUSE = 'command/gatehouse.ts'
const gatehouse = (args: readonly string[], env: Record<string, string> = {}) =>
  runProgram([GATEHOUSE, ...args], env)

type Ran = Awaited<ReturnType<typeof runProgram>>
const said = ({ out, errors }: Ran) => out + errors
const JAPANESE = /[\p{sc=Hira}\p{sc=Kana}]/u
/** Of options and settings. */
const namesIn = (text: string) => [...new Set(text.match(/--[a-z-]+|\b[A-Z]+_[A-Z_]+\b/g))].sort()

/** Runs it in Japanese and in English: it names the same, and ends with the same exit code. @returns the English one */
async function inBoth(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const [japanese, english] = await Promise.all([
    gatehouse(args, { ...env, LANG: 'ja_JP.UTF-8' }),
    gatehouse(args, { ...env, LANG: 'C' }),
  ])
  assert.match(said(japanese), JAPANESE)
  assert.doesNotMatch(said(english), JAPANESE)
  assert.equal(japanese.code, english.code)
  assert.deepEqual(namesIn(said(japanese)), namesIn(said(english)))
  return english
}

for (const [args, env, code] of [
  [[], {}, 0],
  [['biuld'], {}, 1],
  [['ecs', 'none.json'], {}, 1],
  [['start'], { BACKEND_PATHS: 'x' }, 1],
  [['config'], { BACKEND_ORIGIN: 'http://127.0.0.1:9' }, 0],
  [['config'], { BACKEND_ORIGIN: 'x' }, 1],
  [['config'], { MAX_BODY: '3' }, 1],
  [['doctor'], { PORT: 'x' }, 1],
] as const) {
  test(`gatehouse ${args.join(' ')} with ${JSON.stringify(env)} speaks Japanese by LANG, of the same settings, with the exit code that it has in English`, async () => {
    assert.equal((await inBoth(args, env)).code, code)
  })
}

const HELP = {
  init: '--dry-run',
  build: 'next build',
  doctor: '--json',
  'from-nginx': '--pages',
  ecs: '--nginx',
  dev: '--port',
  start: settingsList(),
  config: settingsList(),
  healthcheck: '/healthz',
} as const

for (const [command, words] of Object.entries(HELP)) {
  const help = command === 'ecs' ? '-h' : '--help'
  test(`gatehouse ${command} ${help} says what it takes, in both languages, and ends with 0`, async () => {
    const ran = await inBoth([command, help])
    assert.equal(ran.code, 0)
    assert.ok(said(ran).includes(words))
  })

  // `next build` itself refuses what it does not know
  if (command === 'build') continue
  test(`gatehouse ${command}: an option that it does not know is refused, by name and in one line`, async () => {
    const { out, errors, code } = await gatehouse([command, '--prot'])
    assert.equal(code, 1)
    assert.equal(out, '')
    assert.match(errors, /^gatehouse.* --prot\b.*\n$/i)
  })
}

for (const words of [
  [GATEHOUSE, '--version'],
  [GATEHOUSE, 'init', '-v'],
  ['server.ts', '--version'],
]) {
  test(`${words.join(' ')} prints the version in any language, and begins nothing`, async () => {
    const version = { out: `${about.version}\n`, errors: '', code: 0 }
    assert.deepEqual(await runProgram(words, { LANG: 'ja_JP.UTF-8' }), version)
  })
}

for (const words of [['docter'], ['start', 'now']]) {
  test(`server.ts ${words.join(' ')} is refused, and nothing starts`, async () => {
    const { out, errors, code } = await runProgram(['server.ts', ...words])
    assert.equal(code, 1)
    assert.equal(out, '')
    assert.match(errors, new RegExp(`does not know the argument .*${words.at(-1)}\\.`))
  })
}

for (const [words, setting, value] of [
  [['server.ts', '-p', 'x'], 'PORT', 'x'],
  [[GATEHOUSE, 'start', '--port=x'], 'PORT', 'x'],
  [[GATEHOUSE, 'dev', '-px'], 'PORT', 'x'],
  [[GATEHOUSE, 'start', '--keepAliveTimeout', '700'], 'KEEP_ALIVE_TIMEOUT', '700ms'],
] as const) {
  test(`${words.join(' ')} is the setting ${setting}`, async () => {
    const { errors, code } = await runProgram(words, { BACKEND_ORIGIN: 'http://127.0.0.1:9' })
    assert.equal(code, 1)
    const mistake = `^Gatehouse cannot start: 1 mistake in the settings\n {2}${setting} is "${value}"; .+\n$`
    assert.match(errors, new RegExp(mistake))
  })
}

test('gatehouse dev refuses --keepAliveTimeout, as next dev does: start alone has it', async () => {
  const { errors, code } = await gatehouse(['dev', '--keepAliveTimeout', '70000'])
  assert.equal(code, 1)
  assert.match(errors, /^gatehouse dev: unknown option --keepAliveTimeout; .+\n$/)
})

test('the block of URLs in Japanese is aligned', () => {
  const { urls } = textsOf({ LANG: 'ja' })
  const widths = Object.values(urls).map(each => each.length + (each.match(/[^ ]/g)?.length ?? 0))
  assert.equal(new Set(widths).size, 1)
})
