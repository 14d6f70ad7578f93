import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { chromium } from '@playwright/test'
import { messages } from '../../app/_messages/messages.ts'
import { logIn } from '../../test/log-in.ts'
import { backend, copy, fronts, get, portOf, WORKERS, workersOf } from '../../test/pages/production.ts'
import { eventually, request, wire } from '../../test/raw.ts'
import { chromiumHere } from '../../testing/browser.ts'
import type { FrontProcess } from '../../testing/front-process.ts'

test('a page worker renders the account page of a session, which it asks the API for', async () => {
  const front = await fronts[1]()
  const { cookie } = await logIn(front, backend.account)
  const page = await get(front, '/account', { Cookie: cookie })
  assert.equal(page.status, 200)
  assert.match(await page.text(), /山田 太郎/)
  assert.equal((await get(front, '/account')).headers.get('location'), '/login')
})

test('a page arrives while it is rendered', async () => {
  const page = await get(await fronts[1](), '/odd/none')
  const pieces: string[] = []
  for await (const piece of page.body ?? []) pieces.push(Buffer.from(piece).toString())
  const first = pieces.findIndex(piece => piece.includes('the first piece'))
  const last = pieces.findIndex(piece => piece.includes('the last piece'))
  assert.ok(first !== -1 && first < last, `${first}, ${last}`)
})

for (const PAGE_WORKERS of WORKERS) {
  test(`with ${PAGE_WORKERS} workers, pages and files are there, each with its request's id`, async () => {
    const front = await fronts[PAGE_WORKERS]()
    assert.equal((await workersOf(front)).length, Number(PAGE_WORKERS))
    const page = await get(front, '/login', { 'X-Request-Id': 'page-1' })
    assert.equal(page.status, 200)
    assert.equal(page.headers.get('x-request-id'), 'page-1')
    const chunks = await readdir(join(copy, '.next/static/chunks'))
    // a small one stays as it is
    const chunk = chunks.find(name => name.endsWith('.js') && chunks.includes(`${name}.br`))
    const asked = { 'Accept-Encoding': 'br', 'X-Request-Id': 'file-1' }
    const built = await get(front, `/_next/static/chunks/${chunk}`, asked)
    assert.equal(built.headers.get('x-request-id'), 'file-1')
    assert.equal(built.headers.get('content-encoding'), 'br')
    assert.equal(built.headers.get('cache-control'), 'public, max-age=31536000, immutable')
    assert.equal(built.headers.get('x-built'), 'yes')
    assert.equal(await built.text(), await readFile(join(copy, '.next/static/chunks', `${chunk}`), 'utf8'))
  })
}

test('a page that throws is 500, and an empty document until the scripts draw the error page, as Next has it', async () => {
  const page = await get(await fronts[1](), '/throws')
  assert.equal(page.status, 500)
  const html = await page.text()
  assert.match(html, /<html id="__next_error__">/)
  const body = html.slice(html.indexOf('<body>')).replace(/<script.*?<\/script>/gs, '')
  assert.equal(body.replace(/<[^>]*>/g, ''), '')
})

test('where the layout throws, the scripts draw global-error.tsx, and its button asks for the page again', {
  skip: !existsSync(chromiumHere().executablePath ?? chromium.executablePath()) && 'there is no Chromium',
}, async t => {
  const { url } = await fronts[1]()
  const browser = await chromium.launch(chromiumHere())
  t.after(() => browser.close())
  const context = await browser.newContext({ locale: 'ja-JP' })
  await context.addCookies([{ name: 'broken', value: '1', url }])
  const page = await context.newPage()
  assert.equal((await page.goto(new URL('/login', url).href))?.status(), 500)
  const { error, login } = messages.ja
  await page.getByRole('alert').getByRole('heading', { name: error.title }).waitFor()
  assert.equal(await page.locator('html').getAttribute('lang'), 'ja')
  await context.clearCookies()
  await page.getByRole('button', { name: error.again }).click()
  await page.getByRole('heading', { name: login.title }).waitFor()
})

for (const PAGE_WORKERS of WORKERS) {
  test(`with ${PAGE_WORKERS} workers, the log has the status that was sent where proxy.ts throws`, async () => {
    const front = await fronts[PAGE_WORKERS]()
    assert.equal((await get(front, '/refused')).status, 500)
    const written = await eventually(() => front.lines.find(line => line.includes('"path":"/refused"')))
    assert.match(written, /"status":500/)
  })
}

/** How many of its event streams the route says were left. */
const left = async (front: FrontProcess) => (await get(front, '/left')).text()

for (const PAGE_WORKERS of WORKERS) {
  test(`with ${PAGE_WORKERS} workers, a route that is left hears of it, by a FIN too`, async t => {
    const front = await fronts[PAGE_WORKERS]()
    const before = await left(front)
    const client = await wire(t, Number(new URL(front.url).port))
    client.send(request('GET /left?stream'))
    await client.until('data: one')
    client.halfClose()
    await client.closed()
    await eventually(async () => (await left(front)) !== before)
  })

  test(`with ${PAGE_WORKERS} workers, a route that stops reading a body hangs nobody`, async t => {
    const front = await fronts[PAGE_WORKERS]()
    const before = await left(front)
    for (const path of ['/left', '/left', '/api/limited', '/api/limited']) {
      const client = await wire(t, portOf(front))
      client.send(request(`POST ${path}`, [], 'x'.repeat(3_000_000)) + request('GET /left'))
      assert.equal((await client.answer()).status, 413)
      assert.equal(await left(front), before)
      assert.equal((await client.answer()).body, before)
    }
    assert.ok(!front.lines.some(line => line.includes('uncaughtException')))
  })
}
