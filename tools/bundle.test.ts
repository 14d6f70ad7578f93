import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import about from '../package.json' with { type: 'json' }
import { logIn } from '../test/log-in.ts'
import { type DemoBackend, startDemoBackend } from '../testing/backend.ts'
import { type FrontProcess, LISTENERS, startFrontProcess } from '../testing/front-process.ts'
import { bundle } from './bundle.ts'

/** In place of Next's. */
const SERVER = `require('node:http').createServer((req, res) => res.end('a page')).listen(process.env.PORT)`

let folder: string
let program: string
let packages: string[]
let backend: DemoBackend
let front: FrontProcess

before(async () => {
  // no node_modules there, nor above it
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-bundle-'))
  program = join(folder, 'dist/front.mjs')
  packages = await bundle(join(folder, 'dist'))
  const standalone = join(folder, '.next/standalone')
  await mkdir(standalone, { recursive: true })
  await writeFile(join(standalone, 'server.js'), SERVER)
  backend = await startDemoBackend({ scryptCost: 2 ** 10 })
  const env = { ...backend.env, ...LISTENERS, PAGE_WORKERS: '1', STOP_DELAY: '0s' }
  front = await startFrontProcess(env, undefined, folder, [process.execPath, program])
})
after(async () => {
  // where the start has failed, what is left open would hold the run
  await front?.stop()
  await backend?.close()
  await rm(folder, { recursive: true, force: true })
})

const run = (...args: string[]) => spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })

const State = z.object({ version: z.string() })

test('the bundle logs people in', async () => {
  assert.equal((await logIn(front, backend.account)).status, 200)
})

test('the bundle serves pages by workers', async () => {
  assert.equal(await (await fetch(new URL('/', front.url))).text(), 'a page')
})

test('the bundle has the status page, what it draws with, and its version', async () => {
  for (const path of ['/', '/status.js', '/uplot.js', '/uplot.css']) {
    const file = await fetch(new URL(path, front.adminUrl), { headers: { Accept: 'text/html' } })
    assert.equal(file.status, 200, path)
    assert.ok((await file.text()).length > 1000, path)
  }
  const state = State.parse(await (await fetch(new URL('/state', front.adminUrl))).json())
  assert.equal(state.version, about.version)
})

test('the bundle prints its settings', () => {
  assert.match(run(program, '--help').stdout, /^BACKEND_ORIGIN=$/m)
})

test('the bundle has the doctor', () => {
  const { status, stdout } = run(program, 'doctor')
  assert.equal(status, 1)
  assert.match(stdout, /BACKEND_ORIGIN/)
})

test('what is bundled comes with its licences', async () => {
  const licences = await readFile(join(folder, 'dist/LICENSES.txt'), 'utf8')
  assert.ok(packages.length > 20)
  for (const each of packages) {
    const text = licences
      .split(/^-+$/m)
      .find(part => part.trim().startsWith(each.replace(/^.*node_modules\//, '')))
    assert.match(
      text ?? '',
      /Permission to use|Permission is hereby granted|Apache License|Redistribution/,
      each,
    )
  }
})

test('the health check succeeds while a front is there', () => {
  const healthcheck = join(folder, 'dist/healthcheck.mjs')
  const check = (PORT: string) =>
    spawnSync(process.execPath, [healthcheck], { env: { ...process.env, PORT } })
  assert.equal(check(new URL(front.url).port).status, 0)
  assert.equal(check(new URL(backend.alb.origin).port).status, 1)
})
