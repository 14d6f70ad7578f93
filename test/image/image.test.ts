import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { makeCgroup } from '../../bench/cgroup.ts'
import { memoryMb, processesBelow, stateOf } from '../../bench/usage.ts'
import { Task } from '../../command/ecs/task.ts'
import { type DemoBackend, startDemoBackend } from '../../testing/backend.ts'
import { LISTENERS } from '../../testing/front-process.ts'
import { startLoad } from '../../testing/load.ts'
import { firstEvent } from '../first-event.ts'
import { logIn } from '../log-in.ts'
import { eventually } from '../raw.ts'
import { makeBase } from './base.ts'
import { buildImage, type Image, inspect, makeContext } from './build.ts'
import { type Buildah, openBuildah, whyNot } from './buildah.ts'
import { type Container, runIn, startContainer } from './container.ts'
import { BUILDS, inMb, KEY, MB, testContents } from './contents.ts'
import { type Added, addedBy } from './layers.ts'

/** In ms; far more than it takes on a machine that does nothing else. */
const PATIENCE_MS = 20_000

const Event = z.object({
  pages: z.array(z.unknown()),
  settings: z.array(z.object({ name: z.string(), value: z.string() })),
})

describe('the image', { skip: whyNot() ?? false }, () => {
  let buildah: Buildah
  let backend: DemoBackend
  let image: Image
  let again: Image | undefined
  let root: string
  let added: Added
  let container: Container
  let firstLoginMs: number
  let port: string
  let log: string

  before(async () => {
    buildah = await openBuildah()
    log = join(buildah.folder, 'front.log')
    const base = await makeBase(buildah)
    for (const name of ['localhost/one', 'localhost/two'].slice(0, BUILDS))
      await buildImage(buildah, {
        name,
        base,
        key: KEY,
        context: await makeContext(buildah),
      })
    image = await inspect(buildah, 'localhost/one')
    if (BUILDS > 1) again = await inspect(buildah, 'localhost/two')
    added = await addedBy(buildah, 'localhost/one', 1)
    root = await buildah.mount('localhost/one')
    backend = await startDemoBackend({ scryptCost: 2 ** 10 })
    const startedAt = performance.now()
    container = await start({ PAGE_WORKERS: '1' })
    assert.equal((await logIn(container.front, backend.account)).status, 200)
    firstLoginMs = performance.now() - startedAt
    port = new URL(container.front.url).port
  })
  after(async () => {
    container?.kill()
    await container?.front.exited
    await backend?.close()
    await buildah?.close()
  })

  const start = (settings: Record<string, string>, enterCgroup?: string) => {
    // a connection waits for this process, too, where the machine is busy
    const times = { STOP_DELAY: '200ms', STOP_TIMEOUT: '5s', CONNECT_TIMEOUT: '5s' }
    const env = { ...times, ...settings, ...backend.env, ...LISTENERS }
    return startContainer({ root, image, env, log, enterCgroup })
  }
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(new URL(path, container.front.url), { headers })

  testContents(() => ({ buildah, image, again, root, added }))

  test('it logs people in soon after its start', t => {
    t.diagnostic(`first login ${Math.round(firstLoginMs)} ms after its start`)
    assert.ok(firstLoginMs < PATIENCE_MS)
  })

  test('node is process 1, not root, and can write nowhere', async () => {
    const { output } = container.exec({}, 'node', '-p', 'process.getuid() + " " + process.getgid()')
    assert.equal(output.trim(), image.user.replace(':', ' '))
    assert.match(container.exec({}, 'cat', '/proc/1/cmdline').output, /^node\0dist\/front\.mjs\0$/)
    for (const file of ['/app/x', '/tmp/x', '/x', '/app/.next/standalone/.next/x'])
      assert.match(container.exec({}, 'touch', file).output, /Read-only file system/, file)
  })

  test('it serves pages and compressed files', async () => {
    const page = await get('/login')
    assert.equal(page.status, 200)
    const script = /\/_next\/static\/[^"]+\.js/.exec(await page.text())?.[0] ?? ''
    const file = await get(script, { 'Accept-Encoding': 'br' })
    assert.equal(file.headers.get('content-encoding'), 'br')
    assert.ok((await file.text()).length > 100)
    assert.equal((await get('/_next/image?url=%2Ficon.svg&w=64&q=75')).status, 404)
  })

  test('the front and a page worker hold 200 MB at most at rest', async t => {
    await sleep(2000)
    const [, worker = 0, ...others] = processesBelow(container.pid)
    assert.ok(worker && others.length === 0)
    const [both, pages] = [memoryMb([container.pid]), memoryMb([worker])]
    t.diagnostic(`${both.toFixed(0)} MB of memory (PSS), ${pages.toFixed(0)} of it the page worker's`)
    assert.ok(both <= 200)
  })

  test('no login fails when the addresses change', async () => {
    const { alb } = backend
    const load = startLoad(container.front.url, backend.account, 50)
    await sleep(1000)
    const old = [...alb.listed]
    const fresh = await alb.add(2)
    alb.list(fresh)
    await sleep(2500)
    await load.quiet()
    for (const address of old) alb.kill(address)
    await sleep(1500)
    await load.stop()
    assert.deepEqual(load.failed, {})
    assert.ok(load.ok > 100, `${load.ok}`)
    assert.ok(fresh.some(address => alb.nodes.get(address)?.requests))
  })

  test('a page worker that is killed leaves no zombie', async () => {
    const [, worker = 0] = processesBelow(container.pid)
    process.kill(worker, 'SIGKILL')
    const isReplaced = async () =>
      !processesBelow(container.pid).includes(worker) && (await get('/login')).status === 200
    await eventually(isReplaced, { patienceMs: PATIENCE_MS, everyMs: 50 })
    assert.equal(processesBelow(container.pid).map(stateOf).includes('Z'), false)
  })

  test('its health check tells a front that answers from one that does not', () => {
    // what NODE_OPTIONS preloads is not loaded for it
    for (const NODE_OPTIONS of ['', '--require=/none'])
      assert.equal(container.exec({ PORT: port, NODE_OPTIONS }, ...image.healthcheck).status, 0)
    process.kill(container.pid, 'SIGSTOP')
    const hanging = container.exec({ PORT: port }, ...image.healthcheck)
    process.kill(container.pid, 'SIGCONT')
    assert.equal(hanging.status, 1, hanging.output)
    const alone = runIn(root, image, { PORT: port }, 'node', '-p', 'process.pid')
    assert.deepEqual(alone, { status: 0, output: '1\n' })
  })

  test('SIGTERM ends it gracefully, with 0, and its health check fails from then on', async () => {
    process.kill(container.pid, 'SIGTERM')
    assert.equal(await container.front.exited, 0)
    const words = /"msg":"(stopping|no new connections|page worker ended|stopped)"/
    const said = (await readFile(log, 'utf8')).split('\n').flatMap(line => words.exec(line)?.[1] ?? [])
    assert.deepEqual(said.slice(-4), ['stopping', 'no new connections', 'page worker ended', 'stopped'])
    const { status, output } = runIn(root, image, { PORT: port }, ...image.healthcheck)
    assert.equal(status, 1)
    assert.match(output, /ECONNREFUSED/)
  })

  test('in a task of 512 MB there is one page worker, of 256 MB', async t => {
    const cgroup = makeCgroup(512 * MB)
    if (!cgroup) return t.skip('this process may make no cgroup')
    const small = await start({}, cgroup.enter)
    t.after(async () => {
      small.kill()
      await small.front.exited
      await cgroup.remove()
    })
    const event = await firstEvent(new URL('/events', small.front.adminUrl))
    const { settings, pages } = Event.parse(JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? ''))
    assert.equal(pages.length, 1)
    assert.equal(settings.find(({ name }) => name === 'PAGE_MEMORY')?.value, '256mb')
    assert.equal((await logIn(small.front, backend.account)).status, 200)
    t.diagnostic(`${inMb(cgroup.peak())} at most until its first login`)
  })

  const made = globSync('command/ecs/fixtures/*/new.json')
  test('there are task definitions by `gatehouse ecs` to start', () => assert.ok(made.length >= 8))
  for (const file of made) {
    // a start costs seconds: `npm test` starts the one with the most settings, and of the others checks these
    const starts = BUILDS > 1 || file.includes('fargate-sidecars')
    test(`${file} runs this image as it is${starts ? ', and takes a login' : ''}`, async t => {
      const { containerDefinitions } = Task.parse(JSON.parse(await readFile(file, 'utf8')))
      const front = containerDefinitions.find(({ command }) => command?.includes('dist/front.mjs'))
      assert.deepEqual(front?.command, image.command)
      assert.equal(front?.user, image.user)
      assert.deepEqual(front?.healthCheck?.command.slice(1), image.healthcheck)
      const env = Object.fromEntries((front?.environment ?? []).map(({ name, value }) => [name, value]))
      if (!starts) {
        const { status, output } = runIn(root, image, { ...backend.env, ...env }, ...image.command, 'config')
        return assert.equal(status, 0, output)
      }
      // all of it but where this machine's API is, which ports are free here, and a log level that hides when it is ready
      const container = await start({ ...env, LOG_LEVEL: 'info' })
      t.after(async () => {
        container.kill()
        await container.front.exited
      })
      assert.equal((await logIn(container.front, backend.account)).status, 200)
    })
  }

  test('it stops a start that has mistakes in its settings', () => {
    const { status, output } = runIn(root, image, {}, ...image.command)
    assert.equal(status, 1)
    assert.match(output, /1 mistake in the settings/)
  })
})
