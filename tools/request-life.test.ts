import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ERRORS } from '../lib/http/errors.ts'
import { quantity } from '../lib/settings/kinds.ts'

const page = readFileSync('docs/request-life.md', 'utf8')
const picture = readFileSync('docs/images/request-life.svg', 'utf8')

test('docs/request-life.md has every error code, with its status and whether it may be retried', () => {
  const [, table = ''] = page.split('## The error codes')
  const rows = [...table.matchAll(/^\| (\d{3}) \| `(\w+)` \| (true|false) \|/gm)].map(([, ...row]) => row)
  const errors = Object.entries(ERRORS).map(([code, { status, retry }]) => [`${status}`, code, `${retry}`])
  assert.deepEqual(rows.sort(), errors.sort())
})

test('each of them is named at a step that it may end, in the tables and, but for INTERNAL, in the picture', () => {
  const [steps = ''] = page.split('## The error codes')
  const codes = Object.keys(ERRORS)
  assert.deepEqual(
    codes.filter(code => !steps.includes(`\`${code}\``)),
    [],
  )
  assert.deepEqual(
    codes.filter(code => !new RegExp(`\\b${code}\\b`).test(picture)),
    ['INTERNAL'],
  )
})

test('the files that the picture names are there', () => {
  const lists = [...picture.matchAll(/(lib\/[\w/]+?)\/([\w-]+\.ts(?:, [\w-]+\.ts)*)/g)]
  const files = lists.flatMap(([, folder = '', names = '']) =>
    names.split(', ').map(name => join(folder, name)),
  )
  assert.ok(files.length > 10)
  assert.deepEqual(
    files.filter(file => !existsSync(file)),
    [],
  )
})

test('the times that are no settings are those of the code', () => {
  const rows = [...page.matchAll(/^\| ([\d.]+) (m?s) \| \[`(\w+)`\]\(\.\.\/(\S+)\)/gm)]
  assert.ok(rows.length > 15)
  for (const [, digits = '', unit = '', name = '', file = ''] of rows) {
    const [, value] = new RegExp(`\\b${name}(?: =|:) ([\\d_]+)`).exec(readFileSync(file, 'utf8')) ?? []
    assert.equal(Number(value?.replaceAll('_', '')), quantity('ms', 's')(digits + unit), `${name} of ${file}`)
  }
})
