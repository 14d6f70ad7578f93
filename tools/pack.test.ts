import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { pack } from './pack.ts'

const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url))
/** More than this, and somebody has put a package into it that a front does not need. */
const LARGEST = 1_500_000

let folder: string
let tarball: string
/** The package, installed in an app that has Playwright. */
let installed: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-packed-'))
  tarball = await pack(folder)
  installed = join(folder, 'node_modules/gatehouse')
  await mkdir(installed, { recursive: true })
  await mkdir(join(folder, 'node_modules/@playwright'))
  await symlink(join(MODULES, '@playwright/test'), join(folder, 'node_modules/@playwright/test'))
  await symlink(join(MODULES, '@types'), join(folder, 'node_modules/@types'))
  await symlink(join(MODULES, 'undici-types'), join(folder, 'node_modules/undici-types'))
  run(['tar', '-xzf', tarball, '--strip-components=1', '-C', installed])
})
after(() => rm(folder, { recursive: true, force: true }))

function run(words: readonly string[]) {
  const [file = '', ...args] = words
  const { status, stdout, stderr } = spawnSync(file, args, { cwd: folder, encoding: 'utf8' })
  assert.equal(status, 0, `${words.join(' ')}: ${stdout}${stderr}`)
  return stdout
}

const node = (...args: string[]) => run([process.execPath, ...args])

test('publint finds nothing wrong with the package', () => {
  node(join(MODULES, 'publint/src/cli.js'), tarball, '--strict')
})

test('each export has types that fit it, as @arethetypeswrong/cli sees it', () => {
  node(join(MODULES, '@arethetypeswrong/cli/dist/index.js'), tarball, '--profile', 'esm-only')
})

test('it depends on nothing, and Playwright is an optional peer', async () => {
  const manifest = z
    .looseObject({ peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean() })) })
    .parse(JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')))
  assert.equal(manifest.dependencies, undefined)
  assert.deepEqual(manifest.peerDependenciesMeta, { '@playwright/test': { optional: true } })
  assert.ok((await readFile(tarball)).length < LARGEST)
})

test('the kit is imported and required, with the one Playwright of the app', async () => {
  const program = `
    import { createRequire } from 'node:module'
    import { expect } from '@playwright/test'
    import { startBalancer } from 'gatehouse/testing'
    import { expect as ours, test } from 'gatehouse/testing/playwright'
    const required = createRequire(import.meta.url)('gatehouse/testing')
    await using balancer = await startBalancer()
    console.log(ours === expect, typeof test.extend, required.startBalancer === startBalancer, balancer.addresses.length > 0)`
  await writeFile(join(folder, 'program.mjs'), program)
  assert.equal(node('program.mjs'), 'true function true true\n')
})

test('a spec in TypeScript is checked against the types of the kit', async () => {
  const spec = (wrong: string) => `
    import { startFront } from 'gatehouse/testing'
    import { type GatehouseOptions, test } from 'gatehouse/testing/playwright'
    export const options: Partial<GatehouseOptions> = { form: { page: '/login' } }
    test('…', async ({ balancer, front, loggedIn }) => {
      const addresses: readonly string[] = await balancer.replace({ old: ${wrong} })
      await loggedIn.goto(front.url + addresses.length)
    })
    export const start = startFront`
  const tsc = join(MODULES, 'typescript/bin/tsc')
  const options = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'esnext',
    '--moduleResolution',
    'bundler',
  ]
  const check = [tsc, '--ignoreConfig', ...options, '--target', 'esnext', '--types', 'node', 'a.spec.ts']
  await writeFile(join(folder, 'a.spec.ts'), spec("'drop'"))
  node(...check)
  await writeFile(join(folder, 'a.spec.ts'), spec("'vanish'"))
  assert.throws(() => node(...check), /'"vanish"' is not assignable/)
})
