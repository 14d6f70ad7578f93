import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { toAdmin } from '../../test/admin.ts'
import { ask, file, header, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

const { adminPort } = await stage(file)
const HTML = ['Accept: text/html,application/xhtml+xml,*/*;q=0.8']

test('a browser gets the page, which may load nothing but what this listener has', async () => {
  const answer = await ask(adminPort, toAdmin('GET /', HTML))
  assert.equal(answer.status, 200)
  assert.equal(header(answer, 'content-type'), 'text/html; charset=utf-8')
  assert.equal(header(answer, 'vary'), 'Accept, Accept-Encoding, Accept-Language')
  assert.equal(header(answer, 'x-content-type-options'), 'nosniff')
  const policy = header(answer, 'content-security-policy') ?? ''
  assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; /)
  assert.doesNotMatch(policy, /unsafe|data:|\*/)
  assert.doesNotMatch(answer.body, /<style|\sstyle=|\son\w+=|<script(?![^>]* src=)|https?:/)
})

test('every file that the page and its scripts name is there, with its type', async () => {
  const seen = new Map<string, string>()
  const names = [...(await ask(adminPort, toAdmin('GET /', HTML))).body.matchAll(/(?:href|src)="([\w.]+)"/g)]
  const open = names.map(([, name = '']) => name)
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue
    const answer = await ask(adminPort, toAdmin(`GET /${name}`))
    assert.equal(answer.status, 200, name)
    seen.set(name, header(answer, 'content-type') ?? '')
    if (name.endsWith('.js')) {
      open.push(...[...answer.body.matchAll(/from '\.\/([\w.]+)'/g)].map(([, each = '']) => each))
    }
  }
  assert.equal(seen.get('chart.js'), 'text/javascript; charset=utf-8')
  assert.equal(seen.get('uplot.js'), 'text/javascript; charset=utf-8')
  assert.equal(seen.get('uplot.css'), 'text/css; charset=utf-8')
  assert.equal(seen.get('icon.svg'), 'image/svg+xml')
})

for (const coding of ['gzip', 'gzip, deflate, br', 'br;q=1, gzip;q=0.8', 'GZIP']) {
  test(`with Accept-Encoding: ${coding} the page is compressed`, async () => {
    const plain = await fetch(`http://127.0.0.1:${adminPort}/`, {
      headers: { Accept: 'text/html', 'Accept-Encoding': 'identity' },
    })
    const whole = await plain.text()
    const answer = await fetch(`http://127.0.0.1:${adminPort}/`, {
      headers: { Accept: 'text/html', 'Accept-Encoding': coding },
    })
    assert.equal(answer.headers.get('content-encoding'), 'gzip')
    assert.ok(Number(answer.headers.get('content-length')) < whole.length / 2)
    assert.equal(await answer.text(), whole)
  })
}

for (const coding of ['identity', 'br', 'gzip;q=0', 'gzip; q=0.00', 'x-gzipped']) {
  test(`with Accept-Encoding: ${coding} it is not`, async () => {
    const answer = await ask(adminPort, toAdmin('GET /', [...HTML, `Accept-Encoding: ${coding}`]))
    assert.equal(header(answer, 'content-encoding'), undefined)
  })
}

for (const [language, lang] of [
  ['ja', 'ja'],
  ['fr, ja;q=0.8', 'ja'],
  ['en-US,en;q=0.9,ja;q=0.8', 'en'],
] as const) {
  test(`with Accept-Language: ${language} the page is in ${lang}`, async () => {
    const { body } = await ask(adminPort, toAdmin('GET /', [...HTML, `Accept-Language: ${language}`]))
    assert.match(body, new RegExp(`^<!doctype html>\\n<html lang="${lang}">`))
  })
}

test('HEAD of the page has its length and no body', async t => {
  const client = await wire(t, adminPort)
  client.send(toAdmin('HEAD /', [...HTML, 'Connection: close']))
  const head = await client.answer(true)
  const { body } = await ask(adminPort, toAdmin('GET /', HTML))
  assert.equal(Number(header(head, 'content-length')), Buffer.byteLength(body))
  assert.equal(await client.closed(), '')
})

for (const path of [
  '/uplot.d.ts',
  '/page.ts',
  '/../admin.ts',
  '/%2e%2e/admin.ts',
  '/status.html',
  '/.',
  '//',
  '/constructor',
]) {
  test(`${path} is not there`, async () => {
    assert.equal((await ask(adminPort, toAdmin(`GET ${path}`, HTML))).status, 404)
  })
}

for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
  test(`${method} of the page, the state and the events gets 404`, async () => {
    for (const path of ['/', '/state', '/events', '/status.js']) {
      assert.equal((await ask(adminPort, toAdmin(`${method} ${path}`))).status, 404, path)
    }
  })
}

test('the colours of the logins are for reasons that the page has', async () => {
  const read = (name: string) => readFile(new URL(`page/${name}`, import.meta.url), 'utf8')
  const [, shapes = ''] = /SHAPES = \{(.*)\}/.exec(await read('logins.js')) ?? []
  const coloured = [...(await read('lists.css')).matchAll(/data-why="([^"]+)"/g)].map(([, why = '']) => why)
  assert.ok(coloured.length > 2)
  for (const why of coloured) assert.match(shapes, new RegExp(`(^| )'?${why}'?:`))
})

test('every text of the page itself is there in Japanese, beside the English', async () => {
  const html = await readFile(new URL('page/status.html', import.meta.url), 'utf8')
  // without scripts nothing is translated
  const body = html.slice(html.indexOf('<body>')).replace(/<noscript>.*?<\/noscript>/gs, '')
  const same = /^([^\p{L}]*|Gatehouse|p50|p99|\/state|\/metrics)$/u
  const texts = [...body.matchAll(/<(\/?\w+[^>]*)>([^<]+)/g)]
    .map(([, tag = '', text = '']) => ({ text: text.trim(), ja: / data-ja="([^"]+)"/.exec(tag)?.[1] }))
    .filter(({ text }) => !same.test(text))
  const labels = [...body.matchAll(/ aria-label="([^"]+)"(?: data-ja-label="([^"]+)")?/g)]
  assert.ok(texts.length > 30, String(texts.length))
  assert.equal(labels.length, 2)
  for (const { text, ja } of [...texts, ...labels.map(([, text = '', ja]) => ({ text, ja }))])
    assert.match(ja ?? '', /[\p{sc=Hira}\p{sc=Kana}\p{sc=Han}]/u, text)
})
