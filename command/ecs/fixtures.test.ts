import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Language } from '../../lib/http/accept.ts'
import { refusals } from '../../test/ecs/register.ts'
import { ecs } from './ecs.ts'

/** Golden files: `node --test --test-update-snapshots command/ecs/fixtures.test.ts` writes them anew. */
const FIXTURES = fileURLToPath(new URL('fixtures', import.meta.url))

type Case = { readonly folder: string; readonly args: string; readonly golden?: string }
const ORIGIN = '--env BACKEND_ORIGIN=https://api.dev.jp'

const CONVERTED: readonly Case[] = [
  { folder: 'fargate', args: '--nginx default.conf' },
  { folder: 'fargate-sidecars', args: '--nginx default.conf --drop exporter' },
  { folder: 'fargate-envsubst', args: '--nginx default.conf.template' },
  { folder: 'fargate-two-ports', args: `--nginx-port 80 ${ORIGIN}` },
  { folder: 'fargate-volumes', args: '--nginx default.conf --writable /tmp' },
  { folder: 'fargate-mesh', args: ORIGIN },
  { folder: 'ecspresso', args: `--accept command --image registry.dev.jp/shop-web:new ${ORIGIN}` },
  { folder: 'ec2-links', args: '--nginx nginx.conf --app-container web' },
  { folder: 'ec2-host-port', args: '--nginx default.conf --accept host-port' },
  { folder: 'ec2-host-network', args: '--nginx default.conf --accept host-port' },
  { folder: 'asked-roles', args: `--nginx-container edge --app-container site --drop admin ${ORIGIN}` },
]

/** What a person has to decide first; the last part of the name of the golden file says which. */
const ASKED: readonly Case[] = [
  { folder: 'fargate', args: '', golden: 'asked-origin' },
  { folder: 'fargate-sidecars', args: '--nginx default.conf', golden: 'asked-exporter' },
  { folder: 'fargate-two-ports', args: ORIGIN, golden: 'asked-port' },
  { folder: 'ecspresso', args: ORIGIN, golden: 'asked-command' },
  { folder: 'ec2-links', args: '--nginx nginx.conf', golden: 'asked-app' },
  { folder: 'ec2-host-port', args: '--nginx default.conf', golden: 'asked-host-port' },
  { folder: 'asked-roles', args: '', golden: 'asked-nginx' },
  { folder: 'asked-settings', args: '--nginx default.conf.template', golden: 'asked-settings' },
]

async function run({ folder, args }: Case, language?: Language) {
  const said = { stdout: '', stderr: '' }
  const into = (name: keyof typeof said) => ({
    write(text: string) {
      said[name] += text
    },
  })
  // a place in Nginx's configuration is said with the path that was given
  const before = process.cwd()
  process.chdir(join(FIXTURES, folder))
  const output = { stdout: into('stdout'), stderr: into('stderr') }
  const words = ['task.json', ...args.split(' ').filter(Boolean)]
  const status = await ecs(words, language, output).finally(() => process.chdir(before))
  return { status, ...said }
}

for (const each of CONVERTED) {
  test(`${each.folder}: the task definition without Nginx, and what is said of it`, async t => {
    const { status, stdout, stderr } = await run(each)
    assert.equal(status, 0, stderr)
    assert.deepEqual(refusals(JSON.parse(stdout)), [])
    const asIs = { serializers: [(text: unknown) => String(text)] }
    t.assert.fileSnapshot(stdout, join(FIXTURES, each.folder, 'new.json'), asIs)
    t.assert.fileSnapshot(stderr, join(FIXTURES, each.folder, 'said.txt'), asIs)
  })
}

for (const each of ASKED) {
  test(`${each.folder} ${each.golden}: a question, and no task definition`, async t => {
    const { status, stdout, stderr } = await run(each)
    assert.equal(status, 1)
    assert.equal(stdout, '')
    t.assert.fileSnapshot(stderr, join(FIXTURES, each.folder, `${each.golden}.txt`), {
      serializers: [(text: unknown) => String(text)],
    })
  })
}

test('in Japanese as much is said, and the task definition is the same', async () => {
  for (const each of [...CONVERTED, ...ASKED]) {
    const english = await run(each)
    const { status, stdout, stderr } = await run(each, 'ja')
    assert.deepEqual({ status, stdout }, { status: english.status, stdout: english.stdout })
    assert.equal(stderr.split('\n').length, english.stderr.split('\n').length, stderr)
    // what has changed from and to is quoted
    const own = stderr.split('\n').filter(line => !/：.* → /.test(line))
    for (const line of own.filter(each => /^ {2}- /.test(each)))
      assert.match(line, /[\p{sc=Hira}\p{sc=Kana}\p{sc=Han}]/u)
    assert.doesNotMatch(
      own
        .filter(line => /^ {2}- /.test(line))
        .join('\n')
        .replace(/`[^`]*`/g, ''),
      /\b(the|is|was|has|not)\b/,
    )
  }
})

test('both languages name the same settings and options', () => {
  const namesIn = (name: string) => {
    const source = readFileSync(new URL(name, import.meta.url), 'utf8')
    return [...new Set(source.match(/\b[A-Z][A-Z\d]*_[A-Z\d_]+\b|--[a-z-]+/g))].sort()
  }
  assert.ok(namesIn('english.ts').length > 20)
  assert.deepEqual(namesIn('japanese.ts'), namesIn('english.ts'))
})

/** As ECS describes it; the fields that registering refuses are the command's to know. */
function registered(folder: string): Record<string, unknown> {
  const all: unknown = JSON.parse(readFileSync(join(FIXTURES, folder, 'task.json'), 'utf8'))
  const { taskDefinition, ...bare } = z
    .looseObject({ taskDefinition: z.looseObject({}).optional() })
    .parse(all)
  return taskDefinition ?? bare
}

test('every fixture is one that ECS would have registered', () => {
  for (const folder of readdirSync(FIXTURES)) {
    const answers = refusals(registered(folder)).filter(
      each => !/: RegisterTaskDefinitionRequest has no such member$/.test(each),
    )
    assert.deepEqual(answers, [], folder)
  }
})

test('the model refuses what only a description has, what is unknown, of another type or none of its values', () => {
  const task = registered('ecspresso')
  const [first] = z.array(z.looseObject({})).parse(task.containerDefinitions)
  const withContainer = (more: object) => refusals({ ...task, containerDefinitions: [{ ...first, ...more }] })
  assert.deepEqual(refusals(registered('ecspresso')), [])
  assert.match(
    refusals({ ...task, revision: 3 }).join(),
    /\$\.revision: RegisterTaskDefinitionRequest has no such member/,
  )
  assert.match(
    withContainer({ portMapping: [] }).join(),
    /portMapping: ContainerDefinition has no such member/,
  )
  assert.match(withContainer({ memory: '512' }).join(), /memory: "512" is no number/)
  assert.match(withContainer({ healthCheck: {} }).join(), /healthCheck\.command: is required/)
  assert.match(
    withContainer({ portMappings: [{ containerPort: 1, appProtocol: 'h2' }] }).join(),
    /h2 is none of/,
  )
  assert.match(
    withContainer({ dependsOn: [{ containerName: 'gone', condition: 'START' }] }).join(),
    /gone, which is not there/,
  )
})

test('--start-seconds is the time that the container has to start; more than ECS takes, or no number, is refused', async () => {
  const start = (seconds: string) =>
    run({ folder: 'fargate', args: `--nginx default.conf --start-seconds ${seconds}` })
  assert.match((await start('240')).stdout, /"startPeriod": 240\b/)
  for (const seconds of ['301', '1.5', 'soon'])
    await assert.rejects(start(seconds), /no whole number from 0 to 300/)
})
