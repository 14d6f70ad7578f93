import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Match } from 'aws-cdk-lib/assertions'
import { z } from 'zod'
import { templateWith, VARIANTS, variant } from '../test/example.ts'
import { TASK } from '../test/resource-types.ts'

const { arrayWith, objectLike, absent } = Match

const Container = z.looseObject({ Environment: z.array(z.object({ Name: z.string(), Value: z.unknown() })) })

/** The one container of a task definition. */
function containerOf(template: ReturnType<typeof variant>) {
  const [found] = Object.values(template.findResources(TASK))
  const [container, ...others] = z.array(Container).parse(found?.Properties.ContainerDefinitions)
  assert.ok(container)
  assert.equal(others.length, 0, 'one container')
  return container
}

const environment = (template: ReturnType<typeof variant>) =>
  Object.fromEntries(containerOf(template).Environment.map(({ Name, Value }) => [Name, Value]))

test('the container is unprivileged, has a read-only root and keeps no capability', () => {
  variant('the example').hasResourceProperties(TASK, {
    NetworkMode: 'awsvpc',
    ContainerDefinitions: [
      objectLike({
        User: '10001:10001',
        ReadonlyRootFilesystem: true,
        LinuxParameters: { Capabilities: { Drop: ['ALL'] } },
        Privileged: absent(),
      }),
    ],
  })
})

test('the environment has what Gatehouse needs in a VPC, and no secret', () => {
  assert.deepEqual(environment(variant('the example')), {
    BACKEND_ORIGIN: 'https://api.dev.jp',
    DNS_SERVERS: '169.254.169.253',
    METRICS: 'emf',
    // of the file itself
    PUBLIC_ORIGIN: 'https://www.dev.jp',
    SERVICE_ENVIRONMENT: 'production',
    SERVICE_NAME: 'gatehouse',
    TRUSTED_PROXIES: '10.0.0.0/24,10.0.1.0/24',
  })
})

test('where the image has gatehouse.config.ts, BACKEND_ORIGIN is not set: both at once would stop the start', () => {
  const backend = {
    origin: 'https://api.dev.jp',
    securityGroupId: 'sg-0c000000000000001',
    routesInImage: true,
  }
  const found = environment(templateWith({ backend }))
  assert.deepEqual([found.BACKEND_ORIGIN, found.METRICS], [undefined, 'emf'])
})

test('in a new VPC its public subnets alone are believed', () => {
  const { TRUSTED_PROXIES } = environment(variant('a new VPC with NAT'))
  assert.equal(TRUSTED_PROXIES, '10.20.0.0/18,10.20.64.0/18')
})

test('where the app makes the certificate, its name is the public origin, unless the environment says another', () => {
  const { certificate } = { certificate: undefined, ...VARIANTS['a new VPC with NAT'] }
  const origin = (own: object) => environment(templateWith({ certificate, environment: own })).PUBLIC_ORIGIN
  assert.equal(origin({}), 'https://www.dev.jp')
  assert.equal(origin({ PUBLIC_ORIGIN: 'https://shop.dev.jp' }), 'https://shop.dev.jp')
})

test('one’s own environment goes before the defaults', () => {
  const own = { DNS_SERVERS: '10.0.0.2', LOGIN_LIMIT: '10/1m' }
  const found = environment(templateWith({ environment: own }))
  assert.deepEqual([found.DNS_SERVERS, found.LOGIN_LIMIT], ['10.0.0.2', '10/1m'])
})

test('ECS waits longer for the end than the front takes: STOP_DELAY + STOP_TIMEOUT + 2 s', () => {
  const longer = { ContainerDefinitions: [objectLike({ StopTimeout: 40 })] }
  variant('the example').hasResourceProperties(TASK, {
    ContainerDefinitions: [objectLike({ StopTimeout: 35 })],
  })
  variant('everything else').hasResourceProperties(TASK, longer)
})

test('a task has 60 s to start, or what the settings say, before the container or the target group ends it', () => {
  for (const [name, startSeconds] of [
    ['the example', 60],
    ['everything else', 240],
  ] as const) {
    variant(name).hasResourceProperties(TASK, {
      ContainerDefinitions: [objectLike({ HealthCheck: objectLike({ StartPeriod: startSeconds }) })],
    })
    variant(name).hasResourceProperties('AWS::ECS::Service', { HealthCheckGracePeriodSeconds: startSeconds })
  }
})

test('secrets are fetched by ECS, one field of a JSON as well, and the execution role may read that secret alone', () => {
  const arn = 'arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:gatehouse-AbCdEf'
  variant('everything else').hasResourceProperties(TASK, {
    ContainerDefinitions: [objectLike({ Secrets: [{ Name: 'LIMIT_STORE', ValueFrom: `${arn}:url::` }] })],
  })
  variant('everything else').hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: arrayWith([
        objectLike({
          Action: arrayWith(['secretsmanager:GetSecretValue']),
          Resource: arn,
        }),
      ]),
    },
  })
})

test('the log has its retention and its key, and never holds up a login', () => {
  variant('everything else').hasResourceProperties('AWS::Logs::LogGroup', {
    RetentionInDays: 365,
    KmsKeyId: Match.stringLikeRegexp(':key/'),
  })
  variant('the example').hasResourceProperties(TASK, {
    ContainerDefinitions: [
      objectLike({
        LogConfiguration: {
          LogDriver: 'awslogs',
          Options: objectLike({ mode: 'non-blocking', 'max-buffer-size': `${25 * 2 ** 20}b` }),
        },
      }),
    ],
  })
})

test('with ECS Exec the root can be written to, which its agent needs, and ECS Exec alone changes that', () => {
  variant('everything else').hasResourceProperties('AWS::ECS::Service', { EnableExecuteCommand: true })
  variant('everything else').hasResourceProperties(TASK, {
    ContainerDefinitions: [
      objectLike({ ReadonlyRootFilesystem: false, LinuxParameters: { InitProcessEnabled: true } }),
    ],
  })
  variant('the example').hasResourceProperties('AWS::ECS::Service', { EnableExecuteCommand: false })
})

test('nothing can be written to, but for the folders that an app asks for', () => {
  variant('the example').hasResourceProperties(TASK, {
    Volumes: absent(),
    ContainerDefinitions: [objectLike({ MountPoints: absent() })],
  })
  const path = '/app/.next/standalone/.next/cache'
  variant('everything else').hasResourceProperties(TASK, {
    Volumes: [{ Name: 'writable1' }],
    ContainerDefinitions: [
      objectLike({ MountPoints: [{ ContainerPath: path, ReadOnly: false, SourceVolume: 'writable1' }] }),
    ],
  })
})

test('Graviton on request', () => {
  variant('everything else').hasResourceProperties(TASK, {
    RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
    Cpu: '256',
    Memory: '512',
  })
})

test('the container has the limit of its task, where the front looks for it', () => {
  variant('everything else').hasResourceProperties(TASK, {
    Memory: '512',
    ContainerDefinitions: [objectLike({ Memory: 512 })],
  })
})
