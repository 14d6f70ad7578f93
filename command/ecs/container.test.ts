import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { IDLE_SECONDS as ALB_IDLE_SECONDS, timesFor } from '../../deploy/lib/times.ts'
import { readConfig } from '../../lib/settings/settings.ts'
import { convert, pair } from '../../test/ecs/convert.ts'
import { dockerfile } from '../init/docker.ts'
import { readManifest } from '../init/scripts.ts'
import { timesOf } from './container.ts'
import { CACHE, COMMAND, HEALTH_CHECK, PORT, USER } from './front.ts'

test("command, health check, user, port and the cache's folder are those of init's image and of Gatehouse's own", async () => {
  const own = await readFile(new URL('../../Dockerfile', import.meta.url), 'utf8')
  const theirs = dockerfile(tmpdir(), readManifest('{}'), { top: tmpdir(), below: '' })
  for (const text of [own, theirs]) {
    const said = (instruction: RegExp) => instruction.exec(text)?.[1]
    assert.equal(said(/^CMD (\[.*\])$/m), JSON.stringify(COMMAND).replaceAll(',', ', '))
    assert.equal(
      said(/^HEALTHCHECK .*CMD (\[.*\])$/m),
      JSON.stringify(HEALTH_CHECK.command.slice(1)).replaceAll(',', ', '),
    )
    assert.equal(said(/^USER (\S+)$/m), USER)
    assert.equal(said(/^EXPOSE (\d+)$/m), String(PORT))
    assert.equal(said(/^WORKDIR (\S+)$/m), '/app')
  }
  assert.ok(CACHE.startsWith('/app/.next/standalone/'))
  assert.match(theirs, /^COPY .* \.\/\.next\/standalone$/m)
  assert.equal(readConfig({ BACKEND_ORIGIN: 'https://api.dev.jp' }).PORT, PORT)
})

test('stopTimeout and deregistration delay are those of the CDK app, whatever the settings', () => {
  for (const times of [
    {},
    { STOP_DELAY: '10s', STOP_TIMEOUT: '1m' },
    { STOP_DELAY: '1500ms', STOP_TIMEOUT: '2.25s' },
    { BACKEND_TIMEOUT: '59s' },
    // shorter than the idle timeout of an ALB, which decides then
    { BACKEND_TIMEOUT: '10s' },
  ]) {
    const { idle: _idle, ...ours } = timesOf(readConfig({ BACKEND_ORIGIN: 'https://api.dev.jp', ...times }))
    assert.deepEqual(ours, timesFor(times, ALB_IDLE_SECONDS))
  }
})

test('the slowest route decides the deregistration delay, up to what a target group takes', () => {
  const delayOf = (timeout: string) => {
    const routes = [
      { path: '/user/login', to: 'https://api.dev.jp' },
      { path: '/reports', to: 'https://reports.dev.jp', timeout },
    ]
    return timesOf(readConfig({}, { name: 'gatehouse.config.ts', content: { routes } })).deregistrationDelay
  }
  assert.equal(delayOf('300s'), 305)
  assert.equal(delayOf('24h'), 3600)
})

test('a task has 60 s to start, or the startPeriod that the app had where that is longer, or what is said', () => {
  const startOf = (startPeriod?: number, startSeconds?: number) => {
    const healthCheck = { command: ['CMD', 'true'], ...(startPeriod !== undefined && { startPeriod }) }
    const converted = convert(pair({}, { healthCheck }), { startSeconds })
    return [converted.container('app').healthCheck?.startPeriod, converted.service?.startSeconds]
  }
  assert.deepEqual(startOf(), [60, 60])
  assert.deepEqual(startOf(30), [60, 60])
  assert.deepEqual(startOf(200), [200, 200])
  assert.deepEqual(startOf(200, 240), [240, 240])
  assert.deepEqual(startOf(200, 0), [0, 0])
})

test('a stopTimeout that is longer stays; more than Fargate gives is a question', () => {
  assert.equal(convert(pair({}, { stopTimeout: 90 })).container('app').stopTimeout, 90)
  assert.equal(convert(pair({}, { stopTimeout: 10 })).container('app').stopTimeout, 35)
  const fargate = pair({}, {}, { requiresCompatibilities: ['FARGATE'], cpu: '256', memory: '512' })
  assert.match(convert(fargate, { env: { STOP_TIMEOUT: '2m' } }).questions.join(), /--env STOP_TIMEOUT=110s/)
  assert.deepEqual(convert(fargate, { env: { STOP_TIMEOUT: '110s' } }).container('app').stopTimeout, 120)
})

const PLAIN: [entryPoint: string[] | undefined, command: string[] | undefined][] = [
  [undefined, undefined],
  [undefined, ['npm', 'start']],
  [undefined, ['npm', 'run', 'start']],
  [undefined, ['yarn', 'start']],
  [undefined, ['pnpm', 'next', 'start', '-p', '3000', '-H', '0.0.0.0']],
  [undefined, ['npx', 'next', 'start']],
  [undefined, ['next', 'start', '--port', '3000']],
  [undefined, ['node_modules/.bin/next', 'start']],
  [['docker-entrypoint.sh'], ['node', 'server.js']],
  [undefined, ['node', '.next/standalone/server.js']],
  [
    ['/usr/bin/dumb-init', '--'],
    ['node', 'apps/shop/server.js'],
  ],
]
for (const [entryPoint, command] of PLAIN) {
  test(`${[...(entryPoint ?? []), ...(command ?? ['nothing'])].join(' ')} is a start of Next alone, and becomes the front's`, () => {
    const { container, questions } = convert(pair({}, { entryPoint, command }))
    assert.deepEqual(questions, [])
    assert.deepEqual([container('app').entryPoint, container('app').command], [undefined, COMMAND])
  })
}

const MORE: string[][] = [
  ['sh', '-c', 'npx prisma migrate deploy && npm start'],
  ['node', '-r', 'dd-trace/init', 'server.js'],
  ['node', '--require', './tracing.js', 'server.js'],
  ['./start.sh'],
  ['pm2-runtime', 'ecosystem.config.js'],
  ['npm', 'run', 'start:migrate'],
]
for (const command of MORE) {
  test(`${command.join(' ')} does more than that: a question`, () => {
    assert.match(convert(pair({}, { command })).questions.join(), /--accept command/)
    assert.deepEqual(
      convert(pair({}, { command }), { accept: ['command'] }).container('app').command,
      COMMAND,
    )
  })
}

test("user and folder are the image's, for those of the old image are not in the new one", () => {
  const { user, workingDirectory } = convert(
    pair({}, { user: 'nextjs', workingDirectory: '/usr/src/app' }),
  ).container('app')
  assert.deepEqual({ user, workingDirectory }, { user: USER, workingDirectory: undefined })
})

test('the root is read-only but where ECS Exec or a volume says otherwise, and each is said', () => {
  const isReadOnly = (app: object, more: object = {}) => {
    const { container, looks } = convert(pair({}, app, more))
    const { readonlyRootFilesystem } = container('app')
    assert.match(
      looks.join(),
      readonlyRootFilesystem ? /root file system is read-only now/ : /root file system stays writable/,
    )
    return readonlyRootFilesystem
  }
  const mounted = (containerPath: string, readOnly = false) =>
    [{ mountPoints: [{ sourceVolume: 'v', containerPath, readOnly }] }, { volumes: [{ name: 'v' }] }] as const
  assert.equal(isReadOnly({}), true)
  assert.equal(isReadOnly({ readonlyRootFilesystem: false }), true)
  assert.equal(isReadOnly({ linuxParameters: { initProcessEnabled: true } }), false)
  assert.equal(isReadOnly(...mounted('/data')), false)
  assert.equal(isReadOnly(...mounted('/data', true)), true)
  assert.equal(isReadOnly(...mounted('/usr/src/app/.next/cache')), true)
  const { container } = convert(
    pair({}, { readonlyRootFilesystem: true, linuxParameters: { initProcessEnabled: true } }),
  )
  assert.equal(container('app').readonlyRootFilesystem, true)
  assert.deepEqual(container('app').linuxParameters, { initProcessEnabled: true })
})

test('the app has what Nginx had of memory and CPU, where something is said for both', () => {
  const sizes = (nginx: object, app: object, more: object = {}) => {
    const { cpu, memory, memoryReservation } = convert(pair(nginx, app, more), {}).container('app')
    return { cpu, memory, memoryReservation }
  }
  assert.deepEqual(
    sizes({ cpu: 64, memory: 128, memoryReservation: 64 }, { cpu: 192, memory: 384, memoryReservation: 256 }),
    {
      cpu: 256,
      memory: 512,
      memoryReservation: 320,
    },
  )
  assert.deepEqual(sizes({ memory: 128 }, { memoryReservation: 256 }), {
    cpu: undefined,
    memory: undefined,
    memoryReservation: 256,
  })
  assert.deepEqual(sizes({ cpu: 0 }, { cpu: 0, memory: 384 }).cpu, 0)
})

test('a container without a limit gets what the task has and no other container', () => {
  const of = (more: object, others: object[] = []) =>
    convert(pair({}, {}, more, others)).container('app').memory
  assert.equal(of({ cpu: '512', memory: '1024' }), 1024)
  assert.equal(of({ cpu: '2 vCPU', memory: '4 GB' }), 4096)
  assert.equal(of({ cpu: '.5 vCPU', memory: '.5GB' }), 512)
  assert.equal(
    of({ cpu: 1024, memory: 2048 }, [{ name: 'agent', image: 'datadog/agent', memory: 256 }]),
    1792,
  )
  assert.equal(of({ cpu: '256', memory: '512' }, [{ name: 'agent', image: 'datadog/agent' }]), undefined)
  assert.equal(of({}), undefined)
})

test('a large task gets no more page workers, for each would have a cache of its own', () => {
  const { environment = [] } = convert(pair({}, {}, { cpu: '4096', memory: '8192' })).container('app')
  assert.equal(environment.find(({ name }) => name === 'PAGE_WORKERS')?.value, undefined)
})

test('the limit of descriptors is the larger one, other limits and sysctls of the network stay', () => {
  const limit = (name: string, softLimit: number) => ({ name, softLimit, hardLimit: softLimit })
  const { ulimits, systemControls } = convert(
    pair(
      {
        ulimits: [limit('nofile', 65_536)],
        systemControls: [{ namespace: 'net.core.somaxconn', value: '4096' }],
      },
      { ulimits: [limit('nofile', 1024), limit('core', 0)] },
    ),
  ).container('app')
  assert.deepEqual(ulimits, [limit('core', 0), limit('nofile', 65_536)])
  assert.deepEqual(systemControls, [{ namespace: 'net.core.somaxconn', value: '4096' }])
  const own = [limit('nofile', 4096), limit('core', 0)]
  assert.deepEqual(
    convert(pair({ ulimits: [limit('nofile', 1024)] }, { ulimits: own })).container('app').ulimits,
    own,
  )
})

test('an essential front, the image that was given, and no task of Windows', () => {
  const { container } = convert(pair({}, { essential: false }), { image: 'registry.dev.jp/app:2' })
  assert.deepEqual([container('app').essential, container('app').image], [true, 'registry.dev.jp/app:2'])
  assert.throws(
    () => convert(pair({}, {}, { runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } })),
    /Linux/,
  )
})
