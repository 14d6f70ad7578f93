import assert from 'node:assert/strict'
import { test } from 'node:test'
import { app, init, makeApp, manifestOf, NEXTS, OURS } from '../../test/new-app.ts'

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
    const { status, stdout } = init(root)
    assert.equal(status, 0)
    assert.deepEqual((await manifestOf(root)).scripts, after)
    assert.equal(stdout.includes('its port is 4000'), after.dev === 'gatehouse dev --webpack')
  }
})

test("init says of the script that names no port that Next's was another, and of a build nothing of ports", async t => {
  const root = await makeApp(t, {
    ...app,
    scripts: { dev: 'next dev', build: 'turbo build', start: 'PORT=80 next start' },
  })
  const { stdout } = init(root)
  assert.match(stdout, /and was `next dev`; its port is 4000, where Next had 3000/)
  assert.match(stdout, /put `gatehouse build` where it runs Next$/m)
  assert.equal(stdout.match(/port/g)?.length, 1)
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
