import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ERRORS } from '../lib/http/errors.ts'

/** The messages of the log at `warn` and above, as literals of the code. */
function warnings(): string[] {
  const files = [...globSync('lib/**/*.ts'), 'server.ts'].filter(file => !file.endsWith('.test.ts'))
  return files.flatMap(file =>
    readFileSync(file, 'utf8')
      .split(/\blog\.(?:warn|error|fatal)\(/)
      .slice(1)
      .flatMap(rest => [...callOf(rest).matchAll(/'([^'\n]+ [^'\n]+)'/g)].map(([, text = '']) => text)),
  )
}

/** Up to the parenthesis that ends the call. */
function callOf(text: string): string {
  let depth = 1
  const end = [...text].findIndex(each => {
    depth += each === '(' ? 1 : each === ')' ? -1 : 0
    return depth === 0
  })
  return text.slice(0, end)
}

for (const file of ['docs/runbook.md', 'docs/runbook.ja.md']) {
  const runbook = readFileSync(file, 'utf8').replace(/\s+/g, ' ')

  test(`${file} says what to do about every error code of a login or a page`, () => {
    const missing = Object.keys(ERRORS).filter(code => !runbook.includes(`\`${code}\``))
    // egress alone gives it, to what asks for another host: docs/server-side.md
    assert.deepEqual(missing, ['NOT_FOUND'])
  })

  test(`${file} has every warning of the log`, () => {
    const all = warnings()
    assert.ok(all.length > 10)
    // of a long one its first clause is enough
    const missing = all.filter(text => !runbook.includes(text.split(': ')[0] ?? text))
    assert.deepEqual(missing, [])
  })
}
