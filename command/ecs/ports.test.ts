import assert from 'node:assert/strict'
import { test } from 'node:test'
import { convert, pair } from '../../test/ecs/convert.ts'
import { serviceText } from './service.ts'

const variable = (container: { environment?: { name: string; value: string }[] | undefined }, name: string) =>
  container.environment?.find(each => each.name === name)?.value

test('a port of Nginx that a user without rights may bind stays, and nothing around the task changes', () => {
  const { container, service } = convert(
    pair({ portMappings: [{ containerPort: 8080, hostPort: 8080, name: 'http', appProtocol: 'http' }] }),
  )
  const app = container('app')
  assert.deepEqual(app.portMappings, [
    { containerPort: 8080, hostPort: 8080, name: 'http', appProtocol: 'http', protocol: 'tcp' },
  ])
  assert.equal(variable(app, 'PORT'), '8080')
  assert.deepEqual([service?.port, service?.isPortNew], [8080, false])
  assert.ok(service)
  assert.doesNotMatch(serviceText(service), /security group/)
})

test('80 becomes 4000, in the environment and the mapping alike, and both security groups are said', () => {
  const { container, service, changes } = convert(pair())
  assert.deepEqual(container('app').portMappings, [{ containerPort: 4000, protocol: 'tcp' }])
  assert.equal(variable(container('app'), 'PORT'), '4000')
  assert.deepEqual([service?.port, service?.isPortNew], [4000, true])
  assert.match(changes.join(), /was 80: /)
  assert.ok(service)
  assert.match(
    serviceText(service),
    /allow port 4000 inbound from the load balancer .* outbound in the load balancer's/,
  )
})

test('ports of sidecars in the same network are left to them, the loopback listeners included', () => {
  const sidecar = {
    name: 'otel',
    image: 'otel:1',
    portMappings: [{ containerPort: 4000 }, { containerPort: 4002 }],
  }
  const { container } = convert(pair({}, {}, {}, [sidecar]))
  const ports = ['PORT', 'ADMIN_PORT', 'EGRESS_PORT'].map(name => variable(container('app'), name))
  assert.deepEqual(ports, ['4001', '4003', '4004'])
})

test('in the mode bridge a sidecar has ports of its own, and the host port of Nginx stays', () => {
  const nginx = { memory: 64, portMappings: [{ containerPort: 80, hostPort: 0 }] }
  const sidecar = { name: 'otel', image: 'otel:1', memory: 64, portMappings: [{ containerPort: 4000 }] }
  const { container, service } = convert(pair(nginx, { memory: 256 }, { networkMode: 'bridge' }, [sidecar]))
  assert.deepEqual(container('app').portMappings, [{ containerPort: 4000, hostPort: 0, protocol: 'tcp' }])
  assert.deepEqual([service?.targetType, service?.isPortNew], ['instance', false])
})

test('a fixed port of the host is a question, in the modes bridge and host', () => {
  const nginx = { memory: 64, portMappings: [{ containerPort: 8080, hostPort: 8080 }] }
  for (const networkMode of ['bridge', 'host']) {
    const task = pair(nginx, { memory: 256 }, { networkMode })
    assert.match(convert(task).questions.join(), /--accept host-port/)
    assert.deepEqual(convert(task, { accept: ['host-port'] }).questions, [])
  }
})

test('80 beside 443 is the one, any other pair a question for --nginx-port', () => {
  const tls = convert(pair({ portMappings: [{ containerPort: 443 }, { containerPort: 80 }] }))
  assert.equal(tls.service?.before.port, 80)
  assert.match(tls.looks.join(), /plain HTTP/)
  assert.match(convert(pair({ portMappings: [{ containerPort: 443 }] })).looks.join(), /plain HTTP/)
  assert.doesNotMatch(convert(pair()).looks.join(), /plain HTTP/)
  const two = pair({ portMappings: [{ containerPort: 8080 }, { containerPort: 9000 }] })
  assert.match(convert(two).questions.join(), /8080, 9000.*--nginx-port/)
  assert.equal(convert(two, { nginxPort: 9000 }).service?.port, 9000)
  assert.throws(() => convert(two, { nginxPort: 80 }), /nginx has no port 80; it has: 8080, 9000/)
})

test('the name of a port stays for Service Connect, where the app alone had one, too', () => {
  const named = (nginx: string | undefined, app: string | undefined) =>
    convert(
      pair(
        { portMappings: [{ containerPort: 80, name: nginx }] },
        { portMappings: [{ containerPort: 3000, name: app }] },
      ),
    )
  assert.equal(named('web', undefined).container('app').portMappings?.[0]?.name, 'web')
  assert.equal(named(undefined, 'next').container('app').portMappings?.[0]?.name, 'next')
  const both = named('web', 'next')
  assert.equal(both.container('app').portMappings?.[0]?.name, 'web')
  assert.match(both.looks.join(), /port name next \(3000\) is not there any more/)
})

test('--env PORT is the port', () => {
  assert.equal(convert(pair(), { env: { PORT: '5000' } }).service?.port, 5000)
})

test('an address in the task where nothing listens any more is said: variables, and commands of sidecars', () => {
  const environment = [
    { name: 'SELF', value: 'http://localhost:3000/api' },
    { name: 'AUTH', value: 'http://127.0.0.1/auth' },
    { name: 'DD', value: 'http://localhost:8126' },
    { name: 'SITE', value: 'https://www.dev.jp' },
  ]
  const probe = {
    name: 'prometheus',
    image: 'prometheus:1',
    command: ['--target=localhost:80/status'],
    healthCheck: { command: ['CMD-SHELL', 'curl -f http://localhost/ || exit 1'] },
  }
  const { looks } = convert(pair({}, { environment }, {}, [probe]))
  const said = looks
    .filter(each => /nothing listens any more/.test(each))
    .map(each => each.split(' leads')[0])
  assert.deepEqual(said, [
    'SELF of app',
    'AUTH of app',
    'the command of prometheus',
    'healthCheck of prometheus',
  ])
})
