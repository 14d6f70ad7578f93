import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import net from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { listening } from '../../test/listening.ts'
import { actWithScript } from '../../test/pages/page-rows.ts'
import { copy, fronts, get, portOf, ready, start, WORKERS } from '../../test/pages/production.ts'
import { ask, request } from '../../test/raw.ts'

for (const PAGE_WORKERS of WORKERS) {
  test(`res.revalidate() and a server action that redirects ask no Host that a visitor names, with ${PAGE_WORKERS} workers`, async t => {
    const asked: string[] = []
    const foreign = net.createServer(socket => {
      asked.push('a connection')
      socket.destroy()
    })
    const host = `127.0.0.1:${await listening(t, foreign)}`
    const port = portOf(await fronts[PAGE_WORKERS]())
    const stamp = async () => /made at [\d.]+/.exec((await ask(port, request('GET /stamp'))).body)?.[0]
    const hostile = [`Host: ${host}`, `X-Forwarded-Host: ${host}`, 'X-Forwarded-Proto: https']
    const before = await stamp()
    const answer = await ask(port, request('POST /api/fresh', hostile))
    assert.deepEqual([answer.status, answer.body], [200, '{"revalidated":true}'])
    assert.notEqual(await stamp(), before)
    assert.match((await actWithScript(port, hostile)).body, /tenant acted at localhost/)
    assert.deepEqual(asked, [])
  })
}

for (const [settings, PAGE_WORKERS] of [
  ['the settings at their defaults', ''],
  ['0 workers', '0'],
]) {
  test(`with ${settings}, none of 40 requests gets the old page after revalidateTag`, async t => {
    const front = await start(t, { PAGE_WORKERS: PAGE_WORKERS ?? '', PAGE_MEMORY: '' })
    await ready(front)
    const made = async () => (await get(front, '/tagged')).text()
    const together = () => Promise.all(Array.from({ length: 40 }, made))
    // whoever renders pages has it by then
    const old = new Set(await together())
    assert.equal((await ask(portOf(front), request('POST /tagged/renew'))).body, 'renewed')
    const after = await together()
    assert.ok([...old, ...after].every(each => /^made at [\d.]+$/.test(each)))
    assert.deepEqual(
      after.filter(each => old.has(each)),
      [],
    )
  })
}

test('the start with 2 workers and no cache handler says what that means; with one worker there is nothing to say', async t => {
  const warnings = async (PAGE_WORKERS: string) => {
    const log = join(copy, `log-of-${PAGE_WORKERS}`)
    const front = await start(t, { PAGE_WORKERS }, log)
    await front.stop()
    const lines = (await readFile(log, 'utf8')).split('\n')
    return lines.filter(line => line.includes('a cache of its own'))
  }
  const [warning = '', ...others] = await warnings('2')
  const { level, msg, workers } = JSON.parse(warning)
  assert.deepEqual([level, workers, others], ['warn', 2, []])
  assert.match(msg, /PAGE_WORKERS=1, or a cacheHandler in next\.config/)
  assert.deepEqual(await warnings('1'), [])
})
