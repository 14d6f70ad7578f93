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
  CONTAINER: 'front',
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
    .replaceAll(/\$\{\{ steps\.deploy\.outputs\.before \}\}/g, 'arn:old')
}

const order = jobs.deploy.steps.flatMap(({ name }) => name ?? [])

test('build, SBOM, push, scan, register, ask, deploy, wait: in this order, with the token of OIDC and no key', () => {
  assert.deepEqual(order, ['Build', 'SBOM', 'Push', 'Scan', 'Register', 'Doctor', 'Deploy', 'Wait'])
  assert.deepEqual(permissions, { contents: 'read', 'id-token': 'write' })
  assert.doesNotMatch(text, /secrets\.(?!NEXT_)|AKIA|access-key/i)
  // else GitHub runs a step without pipefail, and these tests with it
  assert.match(text, /^defaults:\n {2}run:\n.*\n {4}shell: bash$/m)
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

/** The folder in which the step has run, with a service that runs RUNNING. */
function register(t: TestContext, env: Readonly<Record<string, string>> = ENV) {
  const script = `
case "$2" in
  describe-services) echo arn:task:7 ;;
  describe-task-definition) cat running.json ;;
  register-task-definition) echo arn:task:8 ;;
  *) exit 2 ;;
esac`
  const { run, folder, calls } = fakeAws(t, script)
  writeFileSync(join(folder, 'running.json'), JSON.stringify(RUNNING))
  return { ...run(step('Register'), env), folder, calls }
}

test('the new revision is the one that runs, with the image of the front alone changed', t => {
  const { status, said, folder } = register(t)
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

test('a task definition without the container fails with a sentence, and registers nothing: its copy would have the old image', t => {
  const { status, said, calls } = register(t, { ...ENV, CONTAINER: 'app' })
  assert.notEqual(status, 0)
  assert.match(said, /no container app in the task definition: set the repository variable CONTAINER/)
  assert.ok(!calls().some(each => each.includes('register-task-definition')))
})

/** Programs of these scripts before the real ones. */
function standIns(folder: string, scripts: Readonly<Record<string, string>>) {
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}`)
    chmodSync(join(folder, name), 0o755)
  }
}

for (const [key, given] of [
  ['a2V5', 'key: a2V5'],
  ['', 'key:'],
] as const)
  test(`the build gets the key of server actions ${key ? 'from the environment, not in its arguments' : 'only where there is one'}`, t => {
    const { run, folder } = fakeAws(t, 'exit 2')
    const docker = `echo "$*"; case "$*" in *"--build-arg NEXT_SERVER_ACTIONS_ENCRYPTION_KEY "*) echo "key: $NEXT_SERVER_ACTIONS_ENCRYPTION_KEY" ;; *) echo key: ;; esac`
    standIns(folder, { docker, git: 'echo 1700000000' })
    const env = { ...ENV, DOCKERFILE: 'apps/web/Dockerfile', NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: key }
    const { status, said } = run(step('Build'), env)
    assert.equal(status, 0, said)
    const [asked = '', got] = said.split('\n')
    assert.match(asked, /^build .*-f apps\/web\/Dockerfile .*SOURCE_DATE_EPOCH=1700000000 \.$/)
    assert.doesNotMatch(asked, /a2V5/)
    assert.equal(got, given)
  })

for (const lock of ['package-lock.json', 'pnpm-lock.yaml'])
  test(`with ${lock} the SBOM comes out of the image that is pushed, and the container that it is read from goes`, t => {
    const { run, folder } = fakeAws(t, 'exit 2')
    const docker = `case "$1" in
  create) [ "$2" = '${ENV.REPOSITORY}:abc123' ] && touch there && echo made ;;
  cp) [ "$2" = made:/app/dist/sbom.cdx.json ] && [ -e there ] && echo front > "$3" ;;
  rm) [ "$2" = made ] && rm there ;;
esac`
    standIns(folder, { docker, npm: 'echo "npm $*"' })
    writeFileSync(join(folder, lock), '')
    const { status, said } = run(step('SBOM'), ENV)
    assert.equal(status, 0, said)
    assert.equal(existsSync(join(folder, 'there')), false)
    assert.equal(readFileSync(join(folder, 'front.cdx.json'), 'utf8'), 'front\n')
    const ofApp = join(folder, 'app.cdx.json')
    // `npm sbom` fails without npm's own lock file
    if (lock === 'pnpm-lock.yaml') assert.equal(existsSync(ofApp), false)
    else assert.match(readFileSync(ofApp, 'utf8'), /^npm sbom --sbom-format=cyclonedx /)
  })

const scan = (t: TestContext, counts: string) =>
  fakeAws(t, `[ "$2" = wait ] || echo '${counts}'`).run(step('Scan'), ENV).status

test('a critical finding stops it; lesser ones and none do not', t => {
  assert.notEqual(scan(t, '{"CRITICAL": 1, "HIGH": 2}'), 0)
  assert.equal(scan(t, '{"HIGH": 2}'), 0)
  assert.equal(scan(t, 'null'), 0)
})

const SERVICE = {
  clusterArn: 'arn:cluster',
  launchType: 'FARGATE',
  networkConfiguration: { awsvpcConfiguration: {} },
}
const doctor = (
  t: TestContext,
  code: string,
  service: object = SERVICE,
  ran = '{"tasks":[{"taskArn":"arn:run"}],"failures":[]}',
) =>
  fakeAws(
    t,
    `case "$2" in describe-services) echo '${JSON.stringify(service)}' ;; run-task) echo '${ran}' ;; wait) ;; describe-tasks) echo ${code} ;; *) exit 2 ;; esac`,
  )

const SPOT = [{ capacityProvider: 'FARGATE_SPOT', weight: 1, base: 0 }]
const { clusterArn, launchType, networkConfiguration } = SERVICE
for (const [what, service, asItsOwn] of [
  ['in the network of the service', SERVICE, { launchType, networkConfiguration }],
  [
    'on Spot',
    { clusterArn, capacityProviderStrategy: SPOT, networkConfiguration },
    { capacityProviderStrategy: SPOT, networkConfiguration },
  ],
  [
    'on EC2 with a bridge',
    { clusterArn, launchType: 'EC2', networkConfiguration: null, capacityProviderStrategy: [] },
    { launchType: 'EC2' },
  ],
] as const)
  test(`the doctor asks from a task of the new revision, ${what}`, t => {
    const { run, folder } = doctor(t, '0', service)
    const { status, said } = run(step('Doctor'), ENV)
    assert.equal(status, 0, said)
    assert.deepEqual(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')), {
      cluster: clusterArn,
      taskDefinition: 'arn:task:8',
      ...asItsOwn,
      overrides: {
        containerOverrides: [{ name: 'front', command: ['node', 'dist/front.mjs', 'doctor'] }],
      },
    })
  })

for (const code of ['1', 'None'])
  test(`exit code ${code} of the doctor stops it before anything is deployed`, t => {
    const { run } = doctor(t, code)
    const { status, said } = run(step('Doctor'), ENV)
    assert.equal(status, 1)
    assert.match(said, /::error::the doctor found a fault/)
    assert.ok(order.indexOf('Doctor') < order.indexOf('Deploy'))
  })

test('where no task could be placed for the doctor, ECS’ reason is said, and nothing is deployed', t => {
  const ran = '{"tasks":[],"failures":[{"arn":"arn:instance","reason":"RESOURCE:PORTS"}]}'
  const { run, calls } = doctor(t, '0', SERVICE, ran)
  const { status, said } = run(step('Doctor'), ENV)
  assert.equal(status, 1)
  assert.match(said, /::error::ECS could place no task for the doctor: RESOURCE:PORTS$/m)
  assert.ok(!calls().some(each => each.includes('tasks-stopped')))
})

test('which deployment was the last one is noted before there is a new one', t => {
  const { run, folder, calls } = fakeAws(t, '[ "$2" = update-service ] || echo arn:old')
  assert.equal(run(step('Deploy'), ENV).status, 0)
  assert.equal(readFileSync(join(folder, 'output'), 'utf8'), 'before=arn:old\n')
  assert.deepEqual(
    calls().map(each => each.split(' ')[1]),
    ['list-service-deployments', 'update-service'],
  )
})

/** What the list has one time after the other: at first the deployment before this one alone. */
const wait = (t: TestContext, end: string) => {
  const answers = ['arn:old\\tSUCCESSFUL\\tNone', 'arn:new\\tIN_PROGRESS\\tNone', `arn:new\\t${end}`]
  const script = `n=$(cat asked 2> /dev/null || echo 1); echo $((n + 1)) > asked; case $n in ${answers
    .map((answer, index) => `${index + 1}) printf '${answer}\\n' ;;`)
    .join(' ')} esac`
  const { run, folder } = fakeAws(t, script)
  const result = run(`sleep() { :; }\n${step('Wait')}`, ENV)
  assert.equal(readFileSync(join(folder, 'asked'), 'utf8'), '4\n')
  return result
}

test('it waits until ECS says that the deployment succeeded', t => {
  const { status, said } = wait(t, 'SUCCESSFUL\\tNone')
  assert.equal(status, 0)
  assert.match(said, /^NOT_LISTED_YET None\nIN_PROGRESS None\nSUCCESSFUL None$/m)
})

for (const end of ['ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED', 'STOPPED'])
  test(`${end} fails the run, with the reason`, t => {
    const { status, said } = wait(t, `${end}\\talarm detected`)
    assert.equal(status, 1)
    assert.match(said, RegExp(`::error::${end}: alarm detected`))
  })
