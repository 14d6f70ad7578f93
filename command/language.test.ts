import assert from 'node:assert/strict'
import { test } from 'node:test'
import { languageOf } from './language.ts'

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
