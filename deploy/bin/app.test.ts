import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { DOCS, VARIANTS } from '../test/example.ts'

const FOLDER = fileURLToPath(new URL('..', import.meta.url))
const CDK = join(FOLDER, 'node_modules/aws-cdk/bin/cdk')
/** What it takes from the environment. The cache has what the runs before have compiled of the CDK. */
const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env
/** A network namespace of its own has no way out at all; where that may not be made, the machine's is taken. */
const ALONE = spawnSync('unshare', ['-rn', 'true']).status === 0 ? ['unshare', '-rn'] : []

function folder(t: TestContext) {
  const output = mkdtempSync(join(tmpdir(), 'gatehouse-synth-'))
  t.after(() => rmSync(output, { recursive: true, force: true }))
  return output
}

function synth(t: TestContext, settings?: string) {
  const output = folder(t)
  const given = settings === undefined ? [] : ['-c', `settings=${join(output, 'settings.json')}`]
  if (settings !== undefined) writeFileSync(join(output, 'settings.json'), settings)
  const [command = '', ...args] = [
    ...ALONE,
    process.execPath,
    CDK,
    'synth',
    '--quiet',
    '-o',
    join(output, 'out'),
    ...given,
  ]
  const env = {
    PATH: `${join(FOLDER, 'node_modules/.bin')}:${PATH}`,
    NODE_COMPILE_CACHE,
    HOME: output,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
  }
  return { ...spawnSync(command, args, { cwd: FOLDER, env, encoding: 'utf8', timeout: 240_000 }), output }
}

const EXAMPLE = JSON.parse(readFileSync(join(FOLDER, 'settings/example.json'), 'utf8'))

test('cdk synth needs no account and no network, and cdk-nag has nothing to say', t => {
  const settings = JSON.stringify({ ...EXAMPLE, alarms: { emails: ['ops@dev.jp'], docs: DOCS } })
  const { status, stdout, stderr, output } = synth(t, settings)
  assert.equal(status, 0, stdout + stderr)
  assert.doesNotMatch(stdout + stderr, /error|warning/i)
  assert.match(readFileSync(join(output, 'out/gatehouse.template.json'), 'utf8'), /AWS::ECS::Service/)
})

/** What `cdk synth` runs, without the seconds that the command itself takes to start. */
function runApp(t: TestContext, settings: object) {
  const output = folder(t)
  const file = join(output, 'settings.json')
  writeFileSync(file, JSON.stringify(settings))
  const [command = '', ...args] = [...ALONE, process.execPath, 'bin/app.ts']
  const env = {
    PATH,
    NODE_COMPILE_CACHE,
    HOME: output,
    CDK_OUTDIR: join(output, 'out'),
    CDK_CONTEXT_JSON: JSON.stringify({ settings: file }),
    // lib/valid.test.ts does it, once for each
    CDK_VALIDATION: 'false',
  }
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: FOLDER, env, encoding: 'utf8' })
  return { status, said: stdout + stderr, output }
}

for (const name of [
  'a new VPC with endpoints and without NAT',
  'a listener and a cluster that exist',
  'arm64 on Spot, dual-stack',
  'a sidecar, a parameter and a key',
] as const) {
  test(`offline, the app makes a template for ${name}`, t => {
    const { status, said, output } = runApp(t, {
      ...EXAMPLE,
      alarms: { emails: ['ops@dev.jp'], docs: DOCS },
      ...VARIANTS[name],
    })
    assert.equal(status, 0, said)
    assert.doesNotMatch(said, /error|warning/i)
    assert.match(readFileSync(join(output, 'out/gatehouse.template.json'), 'utf8'), /AWS::ECS::Service/)
  })
}

test('the example names nobody who hears of alarms: cdk synth --quiet warns of that, and of nothing else', t => {
  const { status, stdout, stderr } = synth(t)
  const found = (stdout + stderr).match(/^(error|warning)\b.*/gim) ?? []
  assert.equal(status, 0)
  assert.equal(found.length, 1, stdout + stderr)
  assert.match(found[0] ?? '', /alarms\.emails/)
})

test('mistakes in the settings end it, each with what is accepted', t => {
  const { status, said: stderr } = runApp(t, { account: '1' })
  assert.notEqual(status, 0)
  assert.match(stderr, /^ {2}account is "1"; accepted: the 12 digits of the AWS account$/m)
  assert.match(stderr, /^ {2}backend is not set; accepted: /m)
  assert.doesNotMatch(stderr, / at .*\.ts:\d+/)
})
