import assert from 'node:assert/strict'
import { test } from 'node:test'
import { convert, pair } from '../../test/ecs/convert.ts'

const waitsFor = (containerName: string, condition = 'START') => ({
  dependsOn: [{ containerName, condition }],
})

test('what waited for Nginx waits for the front, with the condition that it had', () => {
  const agent = { name: 'agent', image: 'datadog/agent', ...waitsFor('nginx', 'HEALTHY') }
  const { container, changes } = convert(pair({}, {}, {}, [agent]))
  assert.deepEqual(container('agent').dependsOn, [{ containerName: 'app', condition: 'HEALTHY' }])
  assert.match(changes.join(), /agent depended on nginx \(HEALTHY\), and depends on app/)
})

test('the app does not wait for itself, and a container that it waits for does not wait for it', () => {
  const agent = { name: 'agent', image: 'datadog/agent', ...waitsFor('router') }
  const router = { name: 'router', image: 'fluent/fluent-bit', ...waitsFor('nginx') }
  const dependsOn = [...waitsFor('nginx').dependsOn, ...waitsFor('agent').dependsOn]
  const { container } = convert(pair({}, { dependsOn }, {}, [agent, router]))
  assert.deepEqual(container('app').dependsOn, waitsFor('agent').dependsOn)
  assert.deepEqual(container('agent').dependsOn, waitsFor('router').dependsOn)
  assert.deepEqual(container('router').dependsOn, [])
})

test('the front waits for what Nginx waited for, and for nothing that waits for the app', () => {
  const nginx = {
    dependsOn: ['app', 'api', 'warm-up', 'exporter'].flatMap(name => waitsFor(name, 'HEALTHY').dependsOn),
  }
  const others = [
    { name: 'api', image: 'api:1' },
    { name: 'warm-up', image: 'curl', essential: false, ...waitsFor('app') },
    { name: 'exporter', image: 'nginx-exporter' },
  ]
  const options = { appContainer: 'app', drop: ['exporter'] }
  const { container, changes } = convert(pair(nginx, {}, {}, others), options)
  assert.deepEqual(container('app').dependsOn, waitsFor('api', 'HEALTHY').dependsOn)
  assert.match(changes.join('\n'), /app depends on api \(HEALTHY\), as nginx did/)
  assert.match(changes.join('\n'), /nginx depended on warm-up \(HEALTHY\), and does not any more/)
})

test('a container that waited for both waits for the app once; the end of an essential one is waited for by none', () => {
  const both = {
    name: 'xray',
    image: 'aws-xray-daemon',
    dependsOn: [...waitsFor('app').dependsOn, ...waitsFor('nginx').dependsOn],
  }
  const end = { name: 'envoy', image: 'envoy', ...waitsFor('nginx', 'SUCCESS') }
  const { container } = convert(pair({}, {}, {}, [both, end]))
  assert.deepEqual(container('xray').dependsOn, waitsFor('app').dependsOn)
  assert.deepEqual(container('envoy').dependsOn, [])
})

test('what does not concern Nginx stays as it is: sidecars, log router, secrets, fields that are not known', () => {
  const others = [
    {
      name: 'log_router',
      image: 'fluent-bit',
      essential: true,
      user: '0',
      firelensConfiguration: { type: 'fluentbit' },
    },
    {
      name: 'agent',
      image: 'datadog/agent',
      secrets: [{ name: 'KEY', valueFrom: 'arn:aws:ssm:…' }],
      later: { a: 1 },
      ...waitsFor('log_router'),
    },
  ]
  const app = {
    secrets: [{ name: 'S', valueFrom: 'arn:aws:secretsmanager:…' }],
    logConfiguration: { logDriver: 'awsfirelens' },
    later: [1],
  }
  const { container, task } = convert(pair({}, app, { pidMode: 'task', later: true }, others))
  for (const each of others) assert.deepEqual(container(each.name), each)
  const { secrets, logConfiguration, later } = container('app')
  assert.deepEqual({ secrets, logConfiguration, later }, app)
  assert.deepEqual([task?.pidMode, task?.later], ['task', true])
})

const EC2 = { networkMode: 'bridge' }

test('links to Nginx lead to the front by the same name; a link of the app to it goes', () => {
  const cron = { name: 'cron', image: 'telegraf', memory: 32, links: ['nginx', 'redis'] }
  const redis = { name: 'redis', image: 'redis', memory: 32 }
  const { container } = convert(
    pair({ memory: 64 }, { memory: 64, links: ['nginx:proxy'] }, EC2, [cron, redis]),
  )
  assert.deepEqual(container('cron').links, ['app:nginx', 'redis'])
  assert.equal(container('app').links, undefined)
})

test('what Nginx reached by a link, the app is linked to, without a question: Docker writes it to /etc/hosts', () => {
  const redis = { name: 'redis', image: 'redis', memory: 32 }
  const task = pair({ memory: 64, links: ['app', 'redis:api'] }, { memory: 64 }, EC2, [redis])
  const { questions, changes, container } = convert(task)
  assert.deepEqual(questions, [])
  assert.match(changes.join(), /linked to redis:api/)
  assert.deepEqual(container('app').links, ['redis:api'])
})

test('volumesFrom of Nginx goes, and is said; of others it stays', () => {
  const shipper = {
    name: 'vector',
    image: 'vector',
    volumesFrom: [{ sourceContainer: 'nginx' }, { sourceContainer: 'app', readOnly: true }],
  }
  const { container, looks } = convert(pair({}, {}, {}, [shipper]))
  assert.deepEqual(container('vector').volumesFrom, [{ sourceContainer: 'app', readOnly: true }])
  assert.match(looks.join(), /vector had the volumes of nginx/)
})

const mount = (sourceVolume: string, containerPath: string, more: object = {}) => ({
  sourceVolume,
  containerPath,
  ...more,
})

test('a volume that only Nginx used goes, with the task’s entry; one that nothing used stays', () => {
  const volumes = [{ name: 'conf', host: { sourcePath: '/opt' } }, { name: 'other' }]
  const { task, changes } = convert(
    pair({ mountPoints: [mount('conf', '/etc/nginx/conf.d')] }, {}, { volumes }),
  )
  assert.deepEqual(task?.volumes, [{ name: 'other' }])
  assert.match(changes.join(), /volume conf was removed/)
})

test('a volume by which the app handed its static files to Nginx goes: in the new image it would hide them', () => {
  for (const path of [
    '/app/.next/static',
    '/usr/src/app/.next/static',
    '/app/public',
    '/app',
    '/srv/www/public/',
  ]) {
    const { container, task, questions } = convert(
      pair(
        { mountPoints: [mount('static', '/usr/share/nginx/html')] },
        { mountPoints: [mount('static', path)] },
        { volumes: [{ name: 'static' }] },
      ),
    )
    assert.deepEqual([container('app').mountPoints, task?.volumes, questions], [[], [], []], path)
  }
})

test('a volume of the app over the image’s files that Nginx had no part in is a question', () => {
  const task = pair({}, { mountPoints: [mount('code', '/app')] }, { volumes: [{ name: 'code' }] })
  assert.match(convert(task).questions.join(), /volume code at \/app .*--accept mounts/)
  assert.deepEqual(convert(task, { accept: ['mounts'] }).container('app').mountPoints, [
    mount('code', '/app'),
  ])
})

test("Next's cache is mounted where the new image has it; other volumes stay, and those shared with Nginx are said", () => {
  const volumes = [{ name: 'cache' }, { name: 'uploads' }]
  const { container, looks } = convert(
    pair(
      { mountPoints: [mount('uploads', '/srv')] },
      { mountPoints: [mount('cache', '/usr/src/app/.next/cache'), mount('uploads', '/data')] },
      { volumes },
    ),
  )
  assert.deepEqual(container('app').mountPoints, [
    mount('cache', '/app/.next/standalone/.next/cache'),
    mount('uploads', '/data'),
  ])
  assert.match(looks.join(), /shared the volume uploads/)
})

test('--writable gives a read-only root a place to write to', () => {
  const { container, task } = convert(pair(), { writable: ['/tmp'] })
  assert.equal(container('app').readonlyRootFilesystem, true)
  assert.deepEqual(container('app').mountPoints, [mount('writable1', '/tmp', { readOnly: false })])
  assert.deepEqual(task?.volumes, [{ name: 'writable1' }])
})

test('what else Nginx had is said: secrets by name, variables, fields that nobody takes over', () => {
  const nginx = {
    secrets: [{ name: 'HTPASSWD', valueFrom: '/shop/htpasswd' }],
    environment: [{ name: 'TZ', value: 'Asia/Tokyo' }],
    dockerLabels: { a: 'b' },
    extraHosts: [{ hostname: 'api.dev.jp', ipAddress: '10.0.0.1' }],
    interactive: false,
  }
  const looks = convert(pair(nginx)).looks.join('\n')
  assert.match(looks, /HTPASSWD \(\/shop\/htpasswd\)/)
  assert.match(looks, /Variables of nginx .*: TZ\./)
  assert.match(looks, /nginx also had dockerLabels, extraHosts:/)
  const logConfiguration = { logDriver: 'awslogs' }
  assert.match(convert(pair({ logConfiguration })).looks.join(), /nginx also had logConfiguration:/)
  const both = convert(pair({ logConfiguration }, { logConfiguration })).looks.join()
  assert.doesNotMatch(both, /also had/)
})

test("the mesh's proxy takes the front's port for the app's", () => {
  const properties = [
    { name: 'AppPorts', value: '80,3000,9000' },
    { name: 'EgressIgnoredPorts', value: '80' },
  ]
  const { task } = convert(
    pair({}, {}, { proxyConfiguration: { type: 'APPMESH', containerName: 'envoy', properties } }),
  )
  assert.deepEqual(task?.proxyConfiguration?.properties, [
    { name: 'AppPorts', value: '4000,9000' },
    properties[1],
  ])
})
