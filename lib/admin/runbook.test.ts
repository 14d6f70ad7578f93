import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { toAdmin } from '../../test/admin.ts'
import { ask, header } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { anchorsOf } from '../../tools/links.ts'
import { ERRORS } from '../http/errors.ts'
import { runbookPage } from './runbook.ts'
import { SECTIONS, sectionOf } from './sections.ts'

const markdown = await readFile('docs/runbook.md', 'utf8')
const page = runbookPage(markdown)
const ids = new Set([...page.matchAll(/<section id="([^"]+)">/g)].map(([, id = '']) => id))

test('the admin listener has the runbook, a section for each that GitHub shows, and no script', async t => {
  const { adminPort } = await stage(t)
  const answer = await ask(adminPort, toAdmin('GET /runbook'))
  assert.equal(answer.status, 200)
  assert.equal(header(answer, 'content-type'), 'text/html; charset=utf-8')
  assert.equal(answer.body, page)
  const sections = anchorsOf(markdown.replace(/^#{1}(?!#).*|^#{3,} .*/gm, ''))
  assert.deepEqual(ids, sections)
  assert.doesNotMatch(page, /<script|<style|\sstyle=/)
})

test('a browser that asks for Japanese gets it in Japanese, at the same anchors', async t => {
  const { adminPort } = await stage(t)
  const answer = await ask(adminPort, toAdmin('GET /runbook', ['Accept-Language: ja']))
  assert.match(answer.body, /<html lang="ja">.*<title>ランブック/)
  const japanese = [...answer.body.matchAll(/<section id="([^"]+)"><h2>(.*?)<\/h2>/g)]
  assert.deepEqual(new Set(japanese.map(([, id = '']) => id)), ids)
  for (const [, id = '', heading = ''] of japanese) assert.match(heading, /\d{3}|[ぁ-んァ-ン一-龠]/, id)
  assert.doesNotMatch(answer.body, /&lt;a id=/)
})

test('what is Markdown in it is taken for no HTML', () => {
  assert.match(
    runbookPage('## A `b` & <c>\n<img>\n'),
    /id="a-b--c"><h2>A `b` &amp; &lt;c&gt;<\/h2><pre>&lt;img&gt;</,
  )
})

test('every section that the status page and its headline lead to is there', () => {
  assert.deepEqual(
    Object.values(SECTIONS).filter(id => !ids.has(id)),
    [],
  )
})

test('each failure of a login has a section', () => {
  for (const code of Object.keys(ERRORS).filter(each => each.startsWith('BACKEND_')))
    assert.ok(sectionOf(code), code)
})
