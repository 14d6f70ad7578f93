import assert from 'node:assert/strict'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { app, init, makeApp, NEXTS } from '../../test/new-app.ts'

const LOCKS: [lock: string, content: string, install: string, build: string][] = [
  ['package-lock.json', '', 'RUN npm ci', 'RUN npm run build'],
  ['npm-shrinkwrap.json', '', 'RUN npm ci', 'RUN npm run build'],
  ['bun.lock', '', 'bun install --frozen-lockfile', 'RUN bun run build'],
  ['bun.lockb', '', 'bun install --frozen-lockfile', 'RUN bun run build'],
  ['pnpm-lock.yaml', '', 'pnpm install --frozen-lockfile', 'RUN pnpm run build'],
  ['yarn.lock', '# yarn lockfile v1\n', 'yarn install --frozen-lockfile', 'RUN yarn run build'],
  [
    'yarn.lock',
    '__metadata:\n  version: 8\n',
    'cli-dist@4.9.1 && yarn install --immutable',
    'RUN yarn run build',
  ],
]

for (const [lock, content, install, build] of LOCKS) {
  test(`with ${lock} the Dockerfile runs ${install} and the app's own build script, a packed gatehouse included`, async t => {
    const root = await makeApp(t, {
      ...app,
      packageManager: 'yarn@4.9.1+sha512.abc',
      dependencies: { gatehouse: 'file:gatehouse-0.1.0.tgz' },
    })
    await writeFile(join(root, lock), content)
    init(root)
    const text = await readFile(join(root, 'Dockerfile'), 'utf8')
    assert.ok(text.includes(`COPY package.json ${lock} gatehouse-0.1.0.tgz ./\n`))
    for (const words of [install, build, 'COPY --from=build /app/public ./public'])
      assert.ok(text.includes(words), text)
    assert.ok(!text.includes('gatehouse build'))
  })
}

test('the image installs with the major version of pnpm that is used here: a newer one may refuse what it installs', async t => {
  const root = await makeApp(t, app)
  await writeFile(join(root, 'pnpm-lock.yaml'), '')
  const installed = async () => {
    init(root)
    const text = await readFile(join(root, 'Dockerfile'), 'utf8')
    await rm(join(root, 'Dockerfile'))
    return /npm install --global (\S+)/.exec(text)?.[1]
  }
  assert.equal(await installed(), 'pnpm')
  await writeFile(join(root, 'node_modules/.modules.yaml'), '{\n  "packageManager": "pnpm@10.34.9"\n}')
  assert.equal(await installed(), 'pnpm@10')
  await writeFile(
    join(root, 'package.json'),
    JSON.stringify({ ...app, packageManager: 'pnpm@9.15.4+sha512.abc' }),
  )
  assert.equal(await installed(), 'pnpm@9')
})

const READ: [what: string, manifest: Record<string, unknown>, file?: string][] = [
  ['postinstall', { scripts: { ...NEXTS, postinstall: 'prisma generate' } }],
  ['prepare', { scripts: { ...NEXTS, prepare: 'husky' } }],
  ['a package in a folder', { devDependencies: { ui: 'file:./packages/ui' } }],
  ['patchedDependencies', { pnpm: { patchedDependencies: { 'is-odd@1.0.0': 'changes/is-odd.patch' } } }],
  ['.pnpmfile.cjs', {}, '.pnpmfile.cjs'],
]

for (const [what, manifest, name] of READ) {
  test(`where an install reads ${what}, the app is there before it`, async t => {
    const root = await makeApp(t, { ...app, ...manifest })
    for (const file of ['pnpm-lock.yaml', ...(name ? [name] : [])]) await writeFile(join(root, file), '')
    assert.equal(init(root).status, 0)
    const text = await readFile(join(root, 'Dockerfile'), 'utf8')
    assert.match(text, /\nCOPY \. \.\nRUN npm install --global pnpm && pnpm install/)
    assert.equal(text.split('COPY . .').length, 2)
  })
}

for (const [lock, settings] of [
  ['yarn.lock', '.yarnrc'],
  ['bun.lock', 'bunfig.toml'],
] as const) {
  test(`${settings}, which may name a private registry, is there before an install by ${lock}`, async t => {
    const root = await makeApp(t, app)
    for (const name of [lock, settings]) await writeFile(join(root, name), '')
    init(root)
    assert.ok(
      (await readFile(join(root, 'Dockerfile'), 'utf8')).includes(`COPY package.json ${lock} ${settings} ./`),
    )
  })
}

test('what Yarn 4 is set up by is there before it installs', async t => {
  const root = await makeApp(t, app)
  await mkdir(join(root, '.yarn/releases'), { recursive: true })
  for (const name of ['yarn.lock', '.yarnrc.yml']) await writeFile(join(root, name), '')
  init(root)
  const text = await readFile(join(root, 'Dockerfile'), 'utf8')
  assert.match(
    text,
    /COPY package\.json yarn\.lock \.yarnrc\.yml \.\/\nCOPY \.yarn \.\/\.yarn\nRUN .*@yarnpkg\/cli-dist@4 &&/,
  )
})

test('the image has the folder static/ of an app that has one', async t => {
  for (const [folder, times] of [
    ['pages', 1],
    ['static', 2],
  ] as const) {
    const root = await makeApp(t, app)
    await mkdir(join(root, folder))
    init(root)
    const text = await readFile(join(root, 'Dockerfile'), 'utf8')
    assert.equal(text.split('\nCOPY --from=build /app/static ./static\n').length, times)
  }
})

test("the Dockerfile starts and checks what Gatehouse's own image does, which task definitions name", async t => {
  const root = await makeApp(t, app)
  init(root)
  const commands = (text: string) => text.match(/\bCMD \[.*\]$/gm)
  const own = await readFile(new URL('../../Dockerfile', import.meta.url), 'utf8')
  const theirs = await readFile(join(root, 'Dockerfile'), 'utf8')
  assert.equal(commands(own)?.length, 2)
  assert.deepEqual(commands(theirs), commands(own))
  assert.match(theirs, /^COPY .+ \.\/dist$/m)
  for (const words of [
    'node dist/compile-cache.mjs .compile-cache 10001',
    'NODE_COMPILE_CACHE=/app/.compile-cache',
  ])
    for (const text of [own, theirs]) assert.ok(text.includes(words), words)
})

test('a Dockerfile that does not start Gatehouse stays, and what it needs is said until it does', async t => {
  const root = await makeApp(t, app)
  const theirs = 'FROM node:22-alpine\nCOPY . .\nCMD ["node", "server.js"]\n'
  await writeFile(join(root, 'Dockerfile'), theirs)
  const { status, stdout } = init(root)
  assert.equal(status, 1)
  assert.match(
    stdout,
    /By hand:\n {2}Dockerfile: .*`node dist\/front\.mjs`.*`node server\.js` is Next without/,
  )
  assert.equal(await readFile(join(root, 'Dockerfile'), 'utf8'), theirs)
  await writeFile(join(root, 'Dockerfile'), 'FROM node:26\nCMD ["node", "dist/front.mjs"]\n')
  assert.equal(init(root).status, 0)
})
