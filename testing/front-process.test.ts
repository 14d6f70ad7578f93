import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { eventually } from '../test/raw.ts'
import { freePort } from './command.ts'
import { expectNoLoginLost, startBalancer, startFront } from './index.ts'
import { webServer } from './web-server-config.ts'

/** The pages of this repository as they are built. */
const APP = fileURLToPath(new URL('..', import.meta.url))

/** Passes a login on over a new connection, as `https.request` does where nobody has set it up. */
const PLAIN = `
  const { HOST, PORT, BACKEND_ORIGIN } = process.env
  require('node:http').createServer((req, res) => {
    const options = { method: req.method, headers: { ...req.headers, host: new URL(BACKEND_ORIGIN).host }, agent: false }
    const passed = require('node:https').request(BACKEND_ORIGIN + req.url, options, answer => {
      res.writeHead(answer.statusCode, answer.headers)
      answer.pipe(res)
    })
    passed.on('error', error => res.writeHead(502).end(error.message))
    req.pipe(passed)
  }).listen(PORT, HOST)`

test('another program takes the place of Gatehouse: it finds the API by the system, and loses logins while addresses change', async () => {
  await using balancer = await startBalancer()
  await using plain = await startFront({ balancer, command: ['--input-type=commonjs', '-e', PLAIN] })
  await expectNoLoginLost(() => balancer.scaleOut(), { front: plain, balancer })
  await assert.rejects(
    expectNoLoginLost(() => balancer.replace(), { front: plain, balancer }),
    /logins failed/,
  )
  assert.equal(await plain.status(), undefined)
})

test('webServer of playwright.config starts both at a port that is known before, and a signal ends them', async t => {
  const port = Number(await freePort())
  const { command, env, url } = webServer({ port })
  // as Playwright does it: by a shell, in the folder of its configuration, and the signal goes to all of its process group
  const child = spawn(command, {
    shell: true,
    cwd: fileURLToPath(new URL('../e2e', import.meta.url)),
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const signalAll = (signal: NodeJS.Signals) => child.pid && process.kill(-child.pid, signal)
  const ended = once(child, 'close')
  t.after(() => {
    if (child.exitCode === null && child.signalCode === null) signalAll('SIGKILL')
  })
  const [said = '']: string[] = await once(createInterface({ input: child.stdout }), 'line')
  assert.equal(said, `http://localhost:${port} (account: taro / himitsu-no-tobira)`)
  assert.equal((await fetch(url)).status, 200)
  signalAll('SIGTERM')
  await ended
  await assert.rejects(fetch(url))
})

test('webServer says on stderr, which Playwright shows, that the API is not running', async t => {
  const target = `http://127.0.0.1:${await freePort()}`
  const { command, env } = webServer({ port: Number(await freePort()), target })
  const child = spawn(command, { shell: true, detached: true, cwd: APP, env: { ...process.env, ...env } })
  t.after(async () => {
    if (child.pid) process.kill(-child.pid, 'SIGKILL')
    await once(child, 'close')
  })
  for await (const line of createInterface({ input: child.stderr }))
    if (line.startsWith(`The target ${target} cannot be reached: `)) return
  assert.fail('nothing was said')
})

test('a folder that has no app is named', async () => {
  await assert.rejects(startFront({ app: '/no/app' }), /no package\.json in \/no\/app: `app` /)
})

test('the front ends with the process that started it, however that ends', async () => {
  const program = `
    const { startBalancer, startFront } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)})
    const balancer = await startBalancer()
    const front = await startFront({ app: ${JSON.stringify(APP)}, balancer })
    console.log(front.url)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [url = '']: string[] = await once(createInterface({ input: child.stdout }), 'line')
  assert.equal((await fetch(new URL('/healthz', url))).status, 200)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const answers = () =>
    fetch(new URL('/healthz', url)).then(
      () => true,
      () => false,
    )
  await eventually(async () => !(await answers()))
})
