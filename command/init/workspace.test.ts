import assert from 'node:assert/strict'
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { app, init, makeApp } from '../../test/new-app.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'

const MONOREPOS: [what: string, files: Record<string, string>, install: string][] = [
  ['npm', { 'package.json': '{"workspaces":["apps/*"]}', 'package-lock.json': '' }, 'RUN npm ci'],
  [
    'pnpm',
    { 'package.json': '{}', 'pnpm-workspace.yaml': "packages: ['apps/*']", 'pnpm-lock.yaml': '' },
    'pnpm install --frozen-lockfile',
  ],
  [
    'Yarn 4',
    {
      'package.json': '{"workspaces":{"packages":["apps/*"]},"packageManager":"yarn@4.9.1"}',
      'yarn.lock': '__metadata:\n',
    },
    'cli-dist@4.9.1 && yarn install --immutable',
  ],
]
for (const [what, files, install] of MONOREPOS) {
  test(`the Dockerfile of an app in a monorepo of ${what} is built in the folder of the monorepo, with its lock file`, async t => {
    const { top, root } = await makeMember(t, files, { gatehouse: 'file:../../gatehouse-0.1.0.tgz' })
    const { status, stdout } = init(root)
    assert.equal(status, 0, stdout)
    const text = await readFile(join(root, 'Dockerfile'), 'utf8')
    for (const words of [
      'docker build -f apps/web/Dockerfile ',
      install,
      'WORKDIR /app/apps/web',
      'COPY --from=build /app/node_modules/gatehouse/dist ./dist',
      'COPY --from=build /app/apps/web/.next/static ./.next/static',
    ])
      assert.ok(text.includes(words), text)
    assert.ok(text.indexOf('COPY . .') < text.indexOf('RUN npm'))
    assert.match(await readFile(join(root, 'Dockerfile.dockerignore'), 'utf8'), /^\*\*\/node_modules$/m)
    assert.deepEqual((await readdir(top)).sort(), ['apps', ...Object.keys(files)].sort())
  })
}

for (const [what, files] of [
  [
    'npm',
    { 'package.json': JSON.stringify({ ...app, workspaces: ['packages/*'] }), 'package-lock.json': '' },
  ],
  ['pnpm', { 'pnpm-workspace.yaml': "packages:\n  - 'packages/*'\n", 'pnpm-lock.yaml': '' }],
  [
    'Yarn 4',
    { 'package.json': JSON.stringify({ ...app, workspaces: ['ui'] }), 'yarn.lock': '__metadata:\n' },
  ],
] as const) {
  test(`the packages of a workspace of ${what} whose root is the app are there before the install`, async t => {
    const root = await makeApp(t, app)
    for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text)
    assert.equal(init(root).status, 0)
    assert.match(await readFile(join(root, 'Dockerfile'), 'utf8'), /\nCOPY \. \.\nRUN npm /)
    assert.match(await readFile(join(root, '.dockerignore'), 'utf8'), /^\*\*\/node_modules$/m)
  })
}

test("pnpm's file of settings makes no workspace", async t => {
  const root = await makeApp(t, app)
  await writeFile(join(root, 'pnpm-workspace.yaml'), 'onlyBuiltDependencies:\n  - sharp\n')
  await writeFile(join(root, 'pnpm-lock.yaml'), '')
  init(root)
  assert.match(
    await readFile(join(root, 'Dockerfile'), 'utf8'),
    /^COPY package\.json pnpm-lock\.yaml pnpm-workspace\.yaml \.\/$/m,
  )
})

test('in a monorepo gatehouse may be installed with the app alone', async t => {
  const { root } = await makeMember(t, { 'package.json': '{"workspaces":["apps/*"]}' })
  await mkdir(join(root, 'node_modules/gatehouse'))
  init(root)
  assert.match(
    await readFile(join(root, 'Dockerfile'), 'utf8'),
    /^COPY --from=build \/app\/apps\/web\/node_modules\/gatehouse\/dist \.\/dist$/m,
  )
})

test('an app with a lock file of its own stands alone in a monorepo', async t => {
  const { root } = await makeMember(t, { 'package.json': '{"workspaces":["packages/*"]}' })
  await writeFile(join(root, 'package-lock.json'), '')
  init(root)
  assert.match(await readFile(join(root, 'Dockerfile'), 'utf8'), /^COPY package\.json package-lock\.json /m)
  assert.ok((await readdir(root)).includes('.dockerignore'))
})

test('a package outside of the monorepo is named, one within it is not', async t => {
  const { root } = await makeMember(
    t,
    { 'package.json': '{"workspaces":["apps/*"]}' },
    { gatehouse: 'file:../../../gatehouse-0.1.0.tgz', ui: 'file:../../packages/ui' },
  )
  const { status, stdout } = init(root)
  assert.equal(status, 1)
  assert.match(stdout, /file:\.\.\/\.\.\/\.\.\/gatehouse-0\.1\.0\.tgz lies outside/)
  assert.doesNotMatch(stdout, /packages\/ui/)
})

/** An app in `apps/web` of a monorepo. */
async function makeMember(
  t: TestContext,
  files: Record<string, string>,
  dependencies: Record<string, string> = {},
): Promise<{ top: string; root: string }> {
  const manifest = { ...app, dependencies: { ...app.dependencies, ...dependencies } }
  const made = await makeApp(t, manifest)
  const top = await temporaryFolder(t)
  const root = join(top, 'apps/web')
  await cp(made, root, { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(top, name), text)
  return { top, root }
}
