import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { App, Stack } from 'aws-cdk-lib'
import * as ecs from 'aws-cdk-lib/aws-ecs'
import { z } from 'zod'
import { settingsWith } from '../test/example.ts'
import { imageOf } from './image.ts'

const Manifest = z.object({
  dockerImages: z.record(
    z.string(),
    z.object({
      source: z.object({
        directory: z.string(),
        platform: z.string(),
        dockerBuildArgs: z.record(z.string(), z.string()).optional(),
      }),
    }),
  ),
})

/** What CDK would build, and the folder that it would give to Docker. */
function built(t: TestContext, folder?: string) {
  const outdir = temporary(t)
  const stack = new Stack(new App({ outdir }), 'stack')
  const settings = settingsWith({ image: { use: 'build' }, task: { architecture: 'arm64' } })
  const task = new ecs.FargateTaskDefinition(stack, 'Task')
  task.addContainer('front', { image: imageOf(stack, settings, folder) })
  App.of(stack)?.synth()
  const [file = ''] = globSync('*.assets.json', { cwd: outdir })
  const { dockerImages } = Manifest.parse(JSON.parse(readFileSync(join(outdir, file), 'utf8')))
  const [image] = Object.values(dockerImages)
  assert.ok(image)
  return { ...image.source, files: readdirSync(join(outdir, image.source.directory)) }
}

function temporary(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-image-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function repository(t: TestContext) {
  const folder = temporary(t)
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\n')
  const git = (...args: string[]) =>
    spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@dev.jp', ...args], {
      cwd: folder,
      encoding: 'utf8',
    })
  git('init', '-q')
  git('add', '.')
  git('commit', '-q', '-m', 'first', '--date', '2026-01-01T00:00:00Z')
  return { folder, commit: git('rev-parse', 'HEAD').stdout.trim() }
}

test('an image that is built here gets its commit and the commit’s time, for the platform of the task', t => {
  const { folder, commit } = repository(t)
  const { platform, dockerBuildArgs } = built(t, folder)
  assert.equal(platform, 'linux/arm64')
  assert.equal(dockerBuildArgs?.COMMIT, commit)
  assert.match(dockerBuildArgs?.SOURCE_DATE_EPOCH ?? '', /^\d{10}$/)
})

test('one with changes that are not committed claims no commit', t => {
  const { folder } = repository(t)
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nLABEL changed=yes\n')
  assert.deepEqual(built(t, folder).dockerBuildArgs ?? {}, {})
})

test('Docker gets of this repository what the image is made of, and not this folder nor any packages', t => {
  const { files } = built(t)
  assert.ok(existsSync(new URL('../../Dockerfile', import.meta.url)))
  for (const name of ['Dockerfile', 'server.ts', 'lib', 'app']) assert.ok(files.includes(name), name)
  for (const name of ['deploy', 'node_modules', '.git', '.next', 'e2e'])
    assert.ok(!files.includes(name), name)
})
