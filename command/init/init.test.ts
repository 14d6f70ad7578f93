import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { app, COMMAND, init, makeApp, manifestOf, NEXTS, OURS } from '../../test/new-app.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'

test('init changes the scripts that run Next, adds what a container needs, and says so', async t => {
  const root = await makeApp(t, app)
  const { status, stdout } = init(root)
  assert.equal(status, 0, stdout)
  assert.match(stdout, /dev is `gatehouse dev`, and was `next dev`/)
  assert.match(stdout, /Dockerfile: added/)
  assert.deepEqual(await manifestOf(root), { ...app, scripts: { ...NEXTS, ...OURS } })
  assert.match(await readFile(join(root, 'package.json'), 'utf8'), /^\{\n\t"name".*\}\n$/s)
  assert.deepEqual((await readdir(root)).sort(), [
    '.dockerignore',
    'Dockerfile',
    'node_modules',
    'package.json',
  ])
})

test('init may be run again, and changes nothing then', async t => {
  const root = await makeApp(t, app)
  init(root)
  const before = await readFile(join(root, 'package.json'), 'utf8')
  const { status, stdout } = init(root)
  assert.equal(status, 0)
  assert.match(stdout, /Dockerfile: is there, and stays as it is/)
  assert.equal(await readFile(join(root, 'package.json'), 'utf8'), before)
})

test('init overwrites nothing that it does not know, and says what is left', async t => {
  const scripts = {
    dev: 'next dev --experimental-https',
    build: 'prisma generate && next build --webpack',
    start: 'node my.js',
  }
  const root = await makeApp(t, { ...app, scripts })
  await writeFile(join(root, 'Dockerfile'), 'FROM scratch')
  const { status, stdout } = init(root)
  assert.equal(status, 1)
  assert.match(stdout, /By hand:\n.*dev is `next dev --experimental-https`[^\n]*\n.*start is `node my.js`/)
  assert.deepEqual((await manifestOf(root)).scripts, {
    ...scripts,
    build: 'prisma generate && gatehouse build --webpack',
  })
  assert.equal(await readFile(join(root, 'Dockerfile'), 'utf8'), 'FROM scratch')
})

const SCRIPTS: [before: Record<string, string>, after: Record<string, string>][] = [
  [
    { dev: 'next dev --webpack', build: 'next build --webpack --profile', start: 'next start -p $PORT' },
    {
      dev: 'gatehouse dev --webpack',
      build: 'gatehouse build --webpack --profile',
      start: 'gatehouse start -p $PORT',
    },
  ],
  [
    {
      dev: 'dotenv -e .env.dev -- next dev --turbopack --port=3001 --inspect',
      build: 'next build --turbopack && next-sitemap',
      start:
        "cross-env NODE_OPTIONS='--require ./a.cjs' next start -H 0.0.0.0 -p 3000 --keepAliveTimeout 70000",
    },
    {
      dev: 'dotenv -e .env.dev -- gatehouse dev --port=3001 --inspect',
      build: 'gatehouse build && next-sitemap',
      start:
        "cross-env NODE_OPTIONS='--require ./a.cjs' gatehouse start -H 0.0.0.0 -p 3000 --keepAliveTimeout 70000",
    },
  ],
]
test('init keeps ports, variables and webpack of the scripts', async t => {
  for (const [scripts, after] of SCRIPTS) {
    const root = await makeApp(t, { ...app, scripts })
    assert.equal(init(root).status, 0)
    assert.deepEqual((await manifestOf(root)).scripts, after)
  }
})

const COPY = 'cp -r public .next/standalone/ && cp -r .next/static .next/standalone/.next/'
const COPIES: [before: Record<string, string>, after: Record<string, string>][] = [
  [{ build: `next build && ${COPY}` }, { build: 'gatehouse build' }],
  [
    { build: 'next build', postbuild: `next-sitemap && ${COPY}`, zip: 'zip -r a.zip .next/standalone' },
    { build: 'gatehouse build', postbuild: 'next-sitemap', zip: 'zip -r a.zip .next/standalone' },
  ],
  [
    {
      build:
        'prisma generate && next build && npx cpx "public/**/*" .next/standalone/apps/web/public && next-sitemap',
    },
    { build: 'prisma generate && gatehouse build && next-sitemap' },
  ],
  [
    {
      build:
        'next build && robocopy public .next\\standalone\\public /E && shx cp -r .next/static .next/standalone/.next/static',
    },
    { build: 'gatehouse build' },
  ],
  [
    { 'build:docker': `npm run build && ${COPY}`, image: `pnpm -s build && ${COPY} && docker build .` },
    { 'build:docker': 'npm run build', image: 'pnpm -s build && docker build .' },
  ],
]
test('init takes out what copies static files into the standalone output, where they are by then', async t => {
  for (const [scripts, after] of COPIES) {
    const root = await makeApp(t, { ...app, scripts: { ...NEXTS, ...scripts } })
    const { status, stdout } = init(root)
    assert.equal(status, 0, stdout)
    assert.deepEqual((await manifestOf(root)).scripts, { ...NEXTS, ...OURS, ...after })
    for (const name of Object.keys(after))
      assert.equal(stdout.split(` ${name} is `).length, name === 'zip' ? 1 : 2)
  }
})

test('where that is all that a script does, or is written otherwise, init names it', async t => {
  for (const scripts of [
    { postbuild: COPY },
    { postbuild: `rm -rf .next/standalone/public && ${COPY}` },
    { build: 'gatehouse build && (cp -r public .next/standalone || true)' },
  ]) {
    const root = await makeApp(t, { ...app, scripts: { ...NEXTS, ...OURS, ...scripts } })
    const { status, stdout } = init(root)
    assert.equal(status, 1)
    assert.match(stdout, /By hand:\n.*(postbuild|build) is `.*take out what copies to \.next\/standalone/)
    assert.deepEqual((await manifestOf(root)).scripts, { ...NEXTS, ...OURS, ...scripts })
  }
})

test('init leaves the copies of a script that does not run gatehouse build, and names it', async t => {
  for (const scripts of [
    { 'build:docker': `next build && ${COPY}` },
    { 'build:docker': `npm run build:app && ${COPY}` },
    { 'build:docker': `npm run build -w shared && next build && ${COPY}` },
    { build: `next build --profile x && ${COPY}` },
    { build: 'next build --profile x', postbuild: `next-sitemap && ${COPY}` },
  ]) {
    const root = await makeApp(t, { ...app, scripts: { ...NEXTS, ...scripts } })
    const { status, stdout } = init(root)
    assert.equal(status, 1)
    assert.match(stdout, /By hand:\n(.*\n)*.* is `.*take out what copies to \.next\/standalone/)
    assert.deepEqual((await manifestOf(root)).scripts, { ...NEXTS, ...OURS, ...scripts })
  }
})

const OTHER_COPIES = [
  'cp -r prisma/static-seeds .next/standalone/prisma/',
  'cp scripts/static.json .next/standalone/',
  'cp -r src/emails/static .next/standalone/src/emails/',
  'cp -r ../shared/public .next/standalone/apps/web/public',
  'cp -r public/fonts .next/standalone/fonts',
]
test('init leaves what copies anything else into the standalone output, and each command behind such a copy', async t => {
  for (const copy of OTHER_COPIES) {
    const root = await makeApp(t, { ...app, scripts: { ...NEXTS, build: `next build && ${copy}` } })
    const { status, stdout } = init(root)
    assert.equal(status, 0, stdout)
    assert.equal((await manifestOf(root)).scripts.build, `gatehouse build && ${copy}`)
  }
  for (const behind of ['; node upload.js .next/standalone', ' & node upload.js /E', '/assets']) {
    const steps = `cp -r public .next/standalone${behind}`
    const root = await makeApp(t, { ...app, scripts: { ...NEXTS, build: `next build && ${steps}` } })
    const { status, stdout } = init(root)
    assert.equal(status, 1, stdout)
    assert.match(stdout, /By hand:\n.*build is `.*take out what copies/)
    assert.equal((await manifestOf(root)).scripts.build, `gatehouse build && ${steps}`)
  }
})

test('init --dry-run changes nothing', async t => {
  const root = await makeApp(t, app)
  const { stdout } = init(root, '--dry-run')
  assert.match(stdout, /This would change:\n.*gatehouse dev/)
  assert.deepEqual(await manifestOf(root), app)
  assert.deepEqual((await readdir(root)).sort(), ['node_modules', 'package.json'])
})

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

test('init refuses where there is no app, or one of an older Next.js', async t => {
  const older = await makeApp(t, app, '15.5.0')
  assert.throws(() => init(older), /Next\.js is 15\.5\.0 here, and 16 or newer is needed/)
  const cwd = await temporaryFolder(t)
  const { status, stderr } = spawnSync(process.execPath, [COMMAND, 'init'], { cwd, encoding: 'utf8' })
  assert.equal(status, 1)
  assert.match(stderr, /^gatehouse init: there is no package\.json in .+\n$/)
})

test('without gatehouse among the dependencies it is said that it has to be installed', async t => {
  const root = await makeApp(t, { ...app, dependencies: {} })
  const { status, stdout } = init(root)
  assert.equal(status, 1)
  assert.match(stdout, /`npm install \.\/gatehouse-….tgz`.+ registry is another package/)
})

test('a tarball outside of the folder is named: an image cannot be built from it', async t => {
  const root = await makeApp(t, { ...app, dependencies: { gatehouse: 'file:../gatehouse-0.1.0.tgz' } })
  const { status, stdout } = init(root)
  assert.equal(status, 1)
  assert.match(stdout, /file:\.\.\/gatehouse-0\.1\.0\.tgz lies outside of this folder/)
})

test('package.json keeps the line ends of Windows', async t => {
  const root = await makeApp(t, app)
  const path = join(root, 'package.json')
  await writeFile(path, (await readFile(path, 'utf8')).replaceAll('\n', '\r\n'))
  assert.equal(init(root).status, 0)
  const text = await readFile(path, 'utf8')
  assert.match(text, /"gatehouse dev",\r\n/)
  assert.doesNotMatch(text, /[^\r]\n/)
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

test('init --e2e adds a configuration of Playwright, a spec and a script, and says what to install', async t => {
  const root = await makeApp(t, app)
  await writeFile(join(root, 'tsconfig.json'), '{}')
  const { status, stdout } = init(root, '--e2e')
  assert.equal(status, 1)
  assert.match(stdout, /playwright\.config\.ts: added/)
  assert.match(stdout, /By hand:\n.*npm install --save-dev @playwright\/test/)
  assert.equal((await manifestOf(root)).scripts['test:e2e'], 'gatehouse build && playwright test')
  assert.match(await readFile(join(root, 'playwright.config.ts'), 'utf8'), /<object, GatehouseOptions>/)
  assert.match(await readFile(join(root, 'e2e/gatehouse.spec.ts'), 'utf8'), /balancer\.replace\(\)/)
  const before = await readFile(join(root, 'package.json'), 'utf8')
  assert.match(init(root, '--e2e').stdout, /gatehouse\.spec\.ts: is there, and stays as it is/)
  assert.equal(await readFile(join(root, 'package.json'), 'utf8'), before)
})

test('init --e2e writes JavaScript where there is no tsconfig.json', async t => {
  const root = await makeApp(t, { ...app, devDependencies: { '@playwright/test': '1' } })
  assert.equal(init(root, '--e2e').status, 0)
  assert.doesNotMatch(await readFile(join(root, 'playwright.config.js'), 'utf8'), /GatehouseOptions/)
  assert.deepEqual(await readdir(join(root, 'e2e')), ['gatehouse.spec.js'])
})

test('init --e2e keeps a configuration that is there, and puts the spec where its tests are', async t => {
  const root = await makeApp(t, { ...app, devDependencies: { '@playwright/test': '1' } })
  const config = "export default { testDir: './tests/browser' }"
  await writeFile(join(root, 'playwright.config.mjs'), config)
  init(root, '--e2e')
  assert.equal(await readFile(join(root, 'playwright.config.mjs'), 'utf8'), config)
  assert.deepEqual(await readdir(join(root, 'tests/browser')), ['gatehouse.spec.js'])
})

test('init --e2e --dry-run changes nothing', async t => {
  const root = await makeApp(t, app)
  assert.match(
    init(root, '--e2e', '--dry-run').stdout,
    /This would change:\n[\s\S]*playwright\.config\.js: added/,
  )
  assert.deepEqual((await readdir(root)).sort(), ['node_modules', 'package.json'])
})
