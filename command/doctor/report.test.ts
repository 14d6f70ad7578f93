import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { z } from 'zod'
import type { Language } from '../../lib/http/accept.ts'
import { runProgram } from '../../test/run-program.ts'
import { startDemoBackend } from '../../testing/backend.ts'
import { type Finding, inText, TEXTS } from './report.ts'

/** The lines between the title and the summary. */
function linesOf(findings: Finding[], language: Language = 'en'): string[] {
  const ok = findings.every(each => each.result !== 'wrong')
  const report = inText({ ok, at: new Date(), backend: 'https://api.dev.jp', findings }, TEXTS[language])
  return stripVTControlCharacters(report).split('\n').slice(2, -3)
}

test('a check has a line, aligned, with its details and its advice below it', () => {
  assert.deepEqual(
    linesOf([
      { check: 'name', result: 'ok', says: 'one address', details: ['127.0.0.1'] },
      { check: '100-continue', result: 'warning', says: 'none', todo: 'Do this.' },
    ]),
    [
      '  ok       name          one address',
      '                         127.0.0.1',
      '  warning  100-continue  none',
      '                         → Do this.',
    ],
  )
})

test('the same advice for several addresses is given once, and the reason of what is skipped, too', () => {
  const wrong = { check: 'connection', result: 'wrong', todo: 'Do this.' } as const
  const skipped = { result: 'skipped', says: 'since it is so' } as const
  assert.deepEqual(
    linesOf([
      { ...wrong, says: 'one' },
      { ...wrong, says: 'two' },
      { ...skipped, check: 'request' },
      { ...skipped, check: 'clock' },
    ]),
    [
      '  wrong    connection    one',
      '  wrong    connection    two',
      '                         → Do this.',
      '  skipped  request       since it is so',
      '  skipped  clock         ″',
    ],
  )
})

test('control characters of a stranger do not reach the terminal', () => {
  const [line = '', details = ''] = linesOf([
    { check: 'certificate', result: 'wrong', says: 'for a\x07b', details: ['for \x9b2Jc\nd'] },
  ])
  assert.ok(line.endsWith('for a\ufffdb'))
  assert.equal(details.trim(), 'for \ufffd2Jc\ufffdd')
})

test('a long advice is folded below itself', () => {
  const [, first = '', ...more] = linesOf([
    { check: 'clock', result: 'warning', says: '', todo: 'a word '.repeat(40).trim() },
  ])
  assert.ok(first.startsWith(`${' '.repeat(25)}→ a word`))
  assert.ok(more.length > 1)
  for (const each of [first, ...more]) assert.ok(each.length <= 110)
  for (const each of more) assert.match(each, /^ {27}\S/)
})

test('in Japanese the columns are aligned and advice is folded, by what a terminal shows in two columns', () => {
  const todo = '証明書とその上位の証明書を、発行元に確認してもらってください。'.repeat(4)
  const [first, second = '', ...more] = linesOf(
    [
      { check: 'name', result: 'ok', says: 'アドレス' },
      { check: 'clock', result: 'skipped', says: '', todo },
    ],
    'ja',
  )
  assert.equal(first, '  正常     name          アドレス')
  assert.equal(second.trimEnd(), '  省略     clock')
  assert.equal(more.map(each => each.replace(/^[ →]+/, '')).join(''), todo)
  assert.ok(more.length > 2)
  for (const each of more) {
    const width = each.length + (each.match(/[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}、。]/gu)?.length ?? 0)
    assert.ok(width <= 112, `${width}: ${each}`)
    assert.doesNotMatch(each, /^ *[、。]/)
  }
})

const Report = z.strictObject({
  ok: z.boolean(),
  at: z.iso.datetime(),
  backend: z.string().nullable(),
  findings: z.array(
    z.strictObject({
      check: z.string(),
      result: z.enum(['ok', 'warning', 'wrong', 'skipped']),
      says: z.string(),
      details: z.array(z.string()).optional(),
      todo: z.string().optional(),
    }),
  ),
})

/** Runs `node server.ts doctor` until it ends. */
async function doctor(env: Record<string, string>, ...args: string[]) {
  const { out, errors, code } = await runProgram(['server.ts', 'doctor', ...args], env)
  assert.equal(errors, '')
  return { out, code }
}

test('node server.ts doctor before a good backend ends with 0, in words and with --json', async t => {
  const backend = await startDemoBackend({ scryptCost: 16 })
  t.after(() => backend.close())
  const [words, json] = await Promise.all([doctor(backend.env), doctor(backend.env, '--json')])
  assert.equal(words.code, 0)
  assert.match(words.out, /^Gatehouse's doctor: https:\/\/api\.dev\.jp:\d+, .* UTC\n\n {2}ok {7}settings/)
  assert.match(words.out, /\n\nAll is well\.\n$/)
  assert.equal(json.code, 0)
  const { ok, findings } = Report.parse(JSON.parse(json.out))
  assert.equal(ok, true)
  for (const { check, result } of findings) {
    assert.equal(result, 'ok')
    assert.match(words.out, new RegExp(`^ {2}ok {7}${check} `, 'm'))
  }
})

test('node server.ts doctor without the CA of the backend ends with 1, in words, English or Japanese by LANG, and with --json', async t => {
  const backend = await startDemoBackend({ scryptCost: 16 })
  t.after(() => backend.close())
  const env = { ...backend.env, NODE_EXTRA_CA_CERTS: '' }
  const japanese = { ...env, LANG: 'ja_JP.UTF-8' }
  const [words, inJapanese, json] = await Promise.all([
    doctor(env),
    doctor(japanese),
    // what programs read is English whatever the language
    doctor(japanese, '--json'),
  ])
  assert.equal(words.code, 1)
  assert.match(
    words.out,
    /\n {2}wrong {4}certificate {3}it is from a CA that is not trusted here: Gatehouse demo CA\n/,
  )
  assert.match(words.out, /\n\nWrong: certificate\. The lines with → say what to do\.\n$/)
  assert.equal(json.code, 1)
  const { ok, findings } = Report.parse(JSON.parse(json.out))
  assert.equal(ok, false)
  const wrong = findings.filter(each => each.result === 'wrong')
  assert.deepEqual(
    wrong.map(each => each.check),
    ['certificate'],
  )
  assert.match(wrong[0]?.todo ?? '', /NODE_EXTRA_CA_CERTS/)
  assert.doesNotMatch(json.out, /[^\x20-\x7e\n]/)

  assert.equal(inJapanese.code, 1)
  assert.match(inJapanese.out, /^ {2}異常 {5}certificate {3}このマシンで信頼されていない CA の証明書です：/m)
  assert.match(inJapanese.out, / → プライベート CA なら[^→]* NODE_EXTRA_CA_CERTS=/)
  assert.match(inJapanese.out, /\n\n異常：certificate。→ の行に対処を示しています。\n$/)
  assert.doesNotMatch(inJapanese.out.replaceAll('Gatehouse demo CA', ''), /[a-z]{3,} [a-z]{3,}/)
})

test('both languages name the same settings and values', async () => {
  const namesIn = async (name: string) => {
    const source = await readFile(new URL(name, import.meta.url), 'utf8')
    return [...new Set(source.match(/\b[A-Z][A-Z\d_]{3,}(?:=[\w:/.]+)?\b/g))].sort()
  }
  const names = await namesIn('english.ts')
  assert.ok(names.length > 20)
  assert.deepEqual(await namesIn('japanese.ts'), names)
})
