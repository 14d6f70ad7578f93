import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { ask, file, recorder, request, wire } from '../raw.ts'
import { stage } from '../stage.ts'
import { GROUPS, MAX_BODY, type Row } from './rows.ts'

const backend = recorder()
const { port } = await stage(file, { handler: backend.handler, env: { MAX_BODY: `${MAX_BODY}b` } })

/** The row's table cells as they come out: what the client gets, what the backend sees. */
async function outcome({ send, halfClose, client: expected }: Row, client: Awaited<ReturnType<typeof wire>>) {
  const before = backend.seen.length
  client.send(send)
  if (halfClose) client.halfClose()
  const got: string[] = []
  for (const word of expected.split(', ')) {
    if (word !== 'closed') got.push(String((await client.answer()).status))
    else if ((await client.closed()) === '') got.push('closed')
  }
  // whatever the row left behind would show in front of this one
  const after = request('GET /user/login/after')
  if (expected.endsWith('closed')) assert.equal((await ask(port, after)).body, 'answered')
  else {
    client.send(after)
    assert.equal((await client.answer()).body, 'answered')
  }
  const seen = backend.seen.slice(before).map(each => each.line.replace(' HTTP/1.1', ''))
  assert.equal(seen.pop(), 'GET /user/login/after')
  return { client: got.join(', '), backend: seen.join(', ') || 'nothing' }
}

for (const { title, rows } of GROUPS) {
  for (const row of rows) {
    test(`${title}: ${row.what} gets ${row.client}, and the backend sees ${row.backend}`, async t => {
      const { client, backend } = row
      assert.deepEqual(await outcome(row, await wire(t, port)), { client, backend })
    })
  }
}

test('docs/requests.md says the same', async () => {
  const doc = await readFile(new URL('../../docs/requests.md', import.meta.url), 'utf8')
  for (const { rows } of GROUPS) {
    for (const { what, client, backend } of rows)
      assert.ok(doc.includes(`| ${what} | ${client} | ${backend} |`), what)
  }
})
