import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import http from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import type { DemoBackend } from '../../testing/backend.ts'
import { freePort, startCommand } from '../../testing/command.ts'
import { LISTENERS } from '../../testing/front-process.ts'
import { eventually } from '../raw.ts'
import { type Shop, startInTerminal } from './shop.ts'

/** A busy machine compiles a page for minutes. */
export const PATIENCE_MS = 240_000
/** Rejects a promise that nobody waits for, and says which process that was. */
const REJECTS = `export async function GET() {
  Promise.reject(new Error('nobody waits'))
  return Response.json({ pid: process.pid, bundler: typeof __webpack_require__ })
}
`
const Rejected = z.object({ pid: z.number(), bundler: z.string() })
const Targets = z.array(z.object({ webSocketDebuggerUrl: z.string() }))

export const get = (at: { url: string }, path: string, headers: Record<string, string> = {}) =>
  fetch(new URL(path, at.url), { headers, redirect: 'manual', signal: AbortSignal.timeout(PATIENCE_MS) })

/** The tests of `gatehouse dev`, in an app that adopt.test.ts makes: it takes minutes. */
export function testDevelopment(made: () => { readonly shop: Shop; readonly backend: DemoBackend }) {
  test('in development a page changes while it is edited, and the hot reloader is reached below basePath', async t => {
    const { shop, backend } = made()
    const { says, output, interrupt } = startCommand([...shop.gatehouse, 'dev'], {
      cwd: shop.root,
      env: { ...backend.env, ...LISTENERS },
    })
    t.after(interrupt)
    await says('Status:')
    const [, url = '', status = ''] = /App: +(\S+)[\s\S]*Status: +(\S+)/.exec(output.join('\n')) ?? []
    const dev = { url: new URL(url).origin }
    await t.test('it prints where the app and the status page are when they answer there', async () => {
      assert.equal((await get(dev, '/healthz')).status, 200)
      assert.equal((await get({ url: status }, '/')).status, 200)
    })

    assert.match(await (await get(dev, '/shop')).text(), /The shop/)
    const upgrade = http.get(new URL('/shop/_next/hmr?id=1', dev.url), {
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        Origin: dev.url,
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      },
    })
    const upgraded = await new Promise<number | undefined>((resolve, reject) => {
      upgrade.on('upgrade', (answer, socket) => {
        socket.destroy()
        resolve(answer.statusCode)
      })
      upgrade.on('response', answer => resolve(answer.statusCode))
      upgrade.on('error', reject)
    })
    assert.equal(upgraded, 101)
    const page = join(shop.root, 'app/page.tsx')
    await writeFile(page, (await readFile(page, 'utf8')).replace('The shop', 'The new shop'))
    await eventually(async () => (await (await get(dev, '/shop')).text()).includes('The new shop'), {
      patienceMs: PATIENCE_MS,
      everyMs: 50,
    })
  })

  test('what next dev is told reaches it: --webpack and NODE_OPTIONS=--inspect', async t => {
    const { shop, backend } = made()
    await mkdir(join(shop.root, 'app/rejects'))
    await writeFile(join(shop.root, 'app/rejects/route.ts'), REJECTS)
    const inspected = `127.0.0.1:${await freePort()}`
    const env = { ...backend.env, NODE_OPTIONS: `--inspect=${inspected}` }
    const dev = await startInTerminal([...shop.gatehouse, 'dev', '--webpack'], shop.root, env)
    t.after(() => dev.interrupt())

    const ask = async () => Rejected.parse(await (await get(dev, '/shop/rejects')).json())
    const { pid, bundler } = await ask()
    await t.test('webpack builds the pages', () => assert.notEqual(bundler, 'undefined'))

    await t.test('a rejection that a page does not wait for ends nothing', async () =>
      assert.equal((await ask()).pid, pid),
    )

    await t.test('the inspector is in the process that runs the pages', async () => {
      const [target] = Targets.parse(await (await fetch(`http://${inspected}/json/list`)).json())
      const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '')
      await once(socket, 'open')
      const params = { expression: 'process.pid' }
      socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params }))
      const [{ data }] = await once(socket, 'message')
      socket.close()
      assert.equal(JSON.parse(data).result.result.value, pid)
    })
  })
}
