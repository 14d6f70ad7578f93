import assert from 'node:assert/strict'
import { test } from 'node:test'
import { prefersHtml } from './prefers-html.ts'

for (const accept of [
  'text/html',
  'TEXT/HTML ; Q=0.5',
  'text/html;level=1',
  'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'text/html, */*; q=0.01',
  'application/json, text/html',
  'application/json;q=0.5, text/html;q=0.5',
  'image/avif;a="b,c", text/html',
])
  test(`an error for Accept: ${accept} is a page`, () => {
    assert.equal(prefersHtml(accept), true)
  })

for (const accept of [
  undefined,
  '*/*',
  'text/*',
  'text/html;q=0',
  'text/html;q=much',
  'text/html-sandboxed',
  'x-text/html',
  'application/json, text/html;q=0.1',
  'text/html;q=0.5, */*',
  'application/*, text/html;q=0.9',
  'application/json;profile="text/html"',
  'application/json;profile="a,text/html,b"',
])
  test(`an error for Accept: ${accept} is JSON`, () => {
    assert.equal(prefersHtml(accept), false)
  })

test('an Accept of 64 KB is read in linear time', () => {
  const started = process.cpuUsage()
  for (const unit of ['"', ',', ';', 'text/html,', '"\\']) prefersHtml(unit.repeat(65_536 / unit.length))
  assert.ok(process.cpuUsage(started).user < 200_000)
})
