import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { refusals } from '../../test/ecs/register.ts'
import { checkBlocks } from '../../test/ecs/shape.ts'

/** A newcomer's walk along the first path of docs/ecs.md: what needs no AWS is run, of the rest is looked whether it can be. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(join(ROOT, 'docs/ecs.md'), 'utf8')
const [, path = ''] = /^## From the task definition[^\n]*\n([\s\S]*?)^## /m.exec(page) ?? []
const { blocks, operations } = checkBlocks(path)
const lines = blocks.flatMap(block => block.replaceAll('\\\n', ' ').trim().split('\n'))

/** These need an account, a registry or a tarball: an app's tests and the image's run the last two (test/adopt, test/image). */
const ELSEWHERE = /^(aws|docker|npm install|[A-Z]+=\$\(aws)/
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-walk-'))
after(() => rmSync(folder, { recursive: true }))

test('every block is what a shell can read, and every option of `aws ecs` is one of the operation', () => {
  assert.ok(blocks.length >= 2)
  assert.ok(operations.length >= 1)
})

test('the commands that need no AWS, one after the other, from an app and its task definition', () => {
  const app = join(folder, 'app')
  mkdirSync(join(app, 'node_modules/next'), { recursive: true })
  const versions = { next: '16.4.6', gatehouse: 'file:gatehouse-0.1.0.tgz' }
  writeFileSync(
    join(app, 'node_modules/next/package.json'),
    JSON.stringify({ name: 'next', version: versions.next }),
  )
  const scripts = { dev: 'next dev', build: 'next build', start: 'next start' }
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'shop', scripts, dependencies: versions }))
  // what `aws ecs describe-task-definition` would have written
  for (const name of ['task.json', 'default.conf'])
    cpSync(join(ROOT, 'command/ecs/fixtures/fargate', name), join(app, name))
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const npx = `#!/bin/sh\n[ "$1 $2" = "--no-install gatehouse" ] || exit 64\nshift 2\nexec '${process.execPath}' '${ROOT}command/gatehouse.ts' "$@"\n`
  writeFileSync(join(bin, 'npx'), npx)
  chmodSync(join(bin, 'npx'), 0o755)

  const run = lines.filter(line => !ELSEWHERE.test(line))
  assert.ok(run.filter(line => line.startsWith('npx --no-install gatehouse')).length >= 2)
  const { status, stdout, stderr } = spawnSync('bash', ['-eu'], {
    cwd: app,
    input: run.join('\n'),
    encoding: 'utf8',
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
  })
  assert.equal(status, 0, stderr)
  assert.match(stdout, /## Ask the doctor first[\s\S]*## In place[\s\S]*## By weights/)
  assert.ok(existsSync(join(app, 'Dockerfile')))
  const task = JSON.parse(readFileSync(join(app, 'new/task-definition.json'), 'utf8'))
  assert.deepEqual(refusals(task), [])
  assert.match(task.containerDefinitions[0].image, /\/shop:2$/)
})

test('every file that --out writes and every answer that the command knows is in the page, and no other', () => {
  const [, files = ''] = /\| in `new\/` [\s\S]*?\n([\s\S]*?)\n\n/.exec(path) ?? []
  const source = readFileSync(join(ROOT, 'command/ecs/ecs.ts'), 'utf8')
  const named = (text: string, pattern: RegExp) =>
    [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))].sort()
  assert.deepEqual(named(files, /^\| `([\w.-]+)`/gm), named(source, /^ {4}'([\w.-]+\.\w+)':/gm))
  const options = named(source, /--([a-z-]+)(?= [A-Z])/g)
  for (const option of options) assert.match(path, new RegExp(`--${option} `), option)
  const codes = ['ports', 'container', 'others', 'volumes'].map(name =>
    readFileSync(join(ROOT, `command/ecs/${name}.ts`), 'utf8'),
  )
  assert.deepEqual(
    named(path, /--accept ([a-z-]+)/g),
    named(codes.join(''), /notes\.confirm\(\s*'([\w-]+)'/g),
  )
})
