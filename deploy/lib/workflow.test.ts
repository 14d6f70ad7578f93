import assert from 'node:assert/strict'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { fakeAws } from '../test/fake-aws.ts'

const Workflow = z.object({
  permissions: z.record(z.string(), z.string()),
  jobs: z.object({
    deploy: z.looseObject({
      steps: z.array(z.looseObject({ name: z.string().optional(), run: z.string().optional() })),
    }),
  }),
})
const text = readFileSync(new URL('../github-actions/deploy.yml', import.meta.url), 'utf8')
const { permissions, jobs } = Workflow.parse(parse(text))
const ENV = {
  REPOSITORY: '111122223333.dkr.ecr.ap-northeast-1.amazonaws.com/gatehouse',
  CLUSTER: 'web',
  SERVICE: 'gatehouse',
  GITHUB_SHA: 'abc123',
  GITHUB_OUTPUT: 'output',
}

/** What GitHub puts into a step before bash sees it. */
function step(name: string): string {
  const run = jobs.deploy.steps.find(each => each.name === name)?.run
  assert.ok(run, name)
  return run
    .replaceAll(/\$\{\{ vars\.ECR_REPOSITORY \}\}/g, 'gatehouse')
    .replaceAll(/\$\{\{ steps\.register\.outputs\.task \}\}/g, 'arn:task:8')
}

const order = jobs.deploy.steps.flatMap(({ name }) => name ?? [])

test('build, SBOM, push, scan, register, ask, deploy, wait: in this order, with the token of OIDC and no key', () => {
  assert.deepEqual(order, ['Build', 'SBOM', 'Push', 'Scan', 'Register', 'Doctor', 'Deploy', 'Wait'])
  assert.deepEqual(permissions, { contents: 'read', 'id-token': 'write' })
  assert.doesNotMatch(text, /secrets\.|AKIA|access-key/i)
})

const RUNNING = {
  taskDefinitionArn: 'arn:task:7',
  revision: 7,
  status: 'ACTIVE',
  registeredAt: 1,
  registeredBy: 'me',
  compatibilities: ['FARGATE'],
  requiresAttributes: [{ name: 'x' }],
  family: 'gatehouse',
  containerDefinitions: [
    { name: 'front', image: 'gatehouse:old', memory: 768 },
    { name: 'adot', image: 'adot:1' },
  ],
}

test('the new revision is the one that runs, with the image of the front alone changed', t => {
  const script = `
case "$2" in
  describe-services) echo arn:task:7 ;;
  describe-task-definition) cat running.json ;;
  register-task-definition) echo arn:task:8 ;;
  *) exit 2 ;;
esac`
  const { run, folder } = fakeAws(t, script)
  writeFileSync(join(folder, 'running.json'), JSON.stringify(RUNNING))
  const { status, said } = run(step('Register'), ENV)
  assert.equal(status, 0, said)
  assert.deepEqual(JSON.parse(readFileSync(join(folder, 'task.json'), 'utf8')), {
    family: 'gatehouse',
    containerDefinitions: [
      { name: 'front', image: `${ENV.REPOSITORY}:abc123`, memory: 768 },
      { name: 'adot', image: 'adot:1' },
    ],
  })
  assert.equal(readFileSync(join(folder, 'output'), 'utf8'), 'task=arn:task:8\n')
})

test('the SBOM comes out of the image that is pushed, and the container that it is read from goes', t => {
  const { run, folder } = fakeAws(t, 'exit 2')
  const docker = `#!/bin/sh
case "$1" in
  create) [ "$2" = '${ENV.REPOSITORY}:abc123' ] && touch there && echo made ;;
  cp) [ "$2" = made:/app/dist/sbom.cdx.json ] && [ -e there ] && echo front > "$3" ;;
  rm) [ "$2" = made ] && rm there ;;
esac`
  for (const [name, script] of Object.entries({ docker, npm: '#!/bin/sh\necho "npm $*"' })) {
    writeFileSync(join(folder, name), script)
    chmodSync(join(folder, name), 0o755)
  }
  const { status, said } = run(step('SBOM'), ENV)
  assert.equal(status, 0, said)
  assert.equal(existsSync(join(folder, 'there')), false)
  assert.equal(readFileSync(join(folder, 'front.cdx.json'), 'utf8'), 'front\n')
  assert.match(readFileSync(join(folder, 'app.cdx.json'), 'utf8'), /^npm sbom --sbom-format=cyclonedx /)
})

const scan = (t: TestContext, counts: string) =>
  fakeAws(t, `[ "$2" = wait ] || echo '${counts}'`).run(step('Scan'), ENV).status

test('a critical finding stops it; lesser ones and none do not', t => {
  assert.notEqual(scan(t, '{"CRITICAL": 1, "HIGH": 2}'), 0)
  assert.equal(scan(t, '{"HIGH": 2}'), 0)
  assert.equal(scan(t, 'null'), 0)
})

const doctor = (t: TestContext, code: string) =>
  fakeAws(
    t,
    `case "$2" in describe-services) echo '{}' ;; run-task) echo arn:run ;; wait) ;; describe-tasks) echo ${code} ;; *) exit 2 ;; esac`,
  )

test('the doctor asks from a task of the new revision, in the network of the service', t => {
  const { run, calls } = doctor(t, '0')
  assert.equal(run(step('Doctor'), ENV).status, 0)
  const asked = calls().find(each => each.startsWith('ecs run-task')) ?? ''
  assert.match(asked, /--task-definition arn:task:8 .*--network-configuration \{\} .*"doctor"/)
})

for (const code of ['1', 'None'])
  test(`exit code ${code} of the doctor stops it before anything is deployed`, t => {
    const { run } = doctor(t, code)
    const { status, said } = run(step('Doctor'), ENV)
    assert.equal(status, 1)
    assert.match(said, /::error::the doctor found a fault/)
    assert.ok(order.indexOf('Doctor') < order.indexOf('Deploy'))
  })

/** A deployment that is under way when it is first asked for. */
const deployment = (end: string) => `
sleep() { :; }
if [ -e asked ]; then printf '${end}\\n'; else touch asked; printf 'IN_PROGRESS\\tNone\\n'; fi`
const wait = (t: TestContext, end: string) => {
  const { run, folder } = fakeAws(t, deployment(end))
  const result = run(`sleep() { :; }\n${step('Wait')}`, ENV)
  assert.ok(existsSync(join(folder, 'asked')))
  return result
}

test('it waits until ECS says that the deployment succeeded', t => {
  const { status, said } = wait(t, 'SUCCESSFUL\\tNone')
  assert.equal(status, 0)
  assert.match(said, /IN_PROGRESS/)
})

for (const end of ['ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED', 'STOPPED'])
  test(`${end} fails the run, with the reason`, t => {
    const { status, said } = wait(t, `${end}\\talarm detected`)
    assert.equal(status, 1)
    assert.match(said, RegExp(`::error::${end}: alarm detected`))
  })
