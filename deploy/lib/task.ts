import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib'
import * as ecs from 'aws-cdk-lib/aws-ecs'
import * as kms from 'aws-cdk-lib/aws-kms'
import * as logs from 'aws-cdk-lib/aws-logs'
import * as secrets from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { imageOf } from './image.ts'
import { FRONT_PORT } from './load-balancer.ts'
import type { Settings } from './settings.ts'
import { timesFor } from './times.ts'

export const CONTAINER = 'front'
/** The image's own unprivileged user; said here too, so that no other image runs as root by mistake. */
const USER = '10001:10001'
/** The image's own health check, too: for ECS the one in the task definition alone counts. */
const HEALTH_CHECK = ['CMD', 'node', '/app/dist/healthcheck.mjs']
/** AWS' resolver, at an address that is the same in every VPC. */
const RESOLVER = '169.254.169.253'

/** The task definition: one container, from one image, that may write nowhere but to its own volumes. */
export function createTask(scope: Construct, settings: Settings, proxies: readonly string[]) {
  const { cpu, memory, architecture, writable } = settings.task
  const { ARM64, X86_64 } = ecs.CpuArchitecture
  const task = new ecs.FargateTaskDefinition(scope, 'Task', {
    family: settings.name,
    cpu,
    memoryLimitMiB: memory,
    runtimePlatform: {
      operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
      cpuArchitecture: architecture === 'arm64' ? ARM64 : X86_64,
    },
  })
  const logGroup = createLogGroup(scope, settings.logs)
  const times = timesFor(settings.environment)
  const environment = {
    BACKEND_ORIGIN: settings.backend.origin.origin,
    DNS_SERVERS: RESOLVER,
    METRICS: 'emf',
    TRUSTED_PROXIES: proxies.join(','),
    ...settings.environment,
  }
  const container = task.addContainer(CONTAINER, {
    image: imageOf(scope, settings),
    // the same as the task's: the front finds its limit in the container alone, and PAGE_MEMORY follows from it
    memoryLimitMiB: memory,
    user: USER,
    // ECS Exec's agent writes to the container's root, and AWS supports it with no read-only one (docs/ecs.md)
    readonlyRootFilesystem: !settings.exec,
    linuxParameters: linux(scope, settings.exec),
    portMappings: [{ name: 'http', containerPort: FRONT_PORT }],
    environment,
    secrets: Object.fromEntries(
      Object.entries(settings.secrets).map(([name, arn]) => [name, secret(scope, name, arn)]),
    ),
    stopTimeout: Duration.seconds(times.stopTimeout),
    healthCheck: {
      command: HEALTH_CHECK,
      interval: Duration.seconds(30),
      timeout: Duration.seconds(5),
      retries: 3,
      startPeriod: Duration.seconds(60),
    },
    logging: ecs.LogDriver.awsLogs({
      streamPrefix: settings.name,
      logGroup,
      // a log that does not take its lines must not hold up a login
      mode: ecs.AwsLogDriverMode.NON_BLOCKING,
    }),
  })
  // volumes on the task's disk, which end with it: a tmpfs would take of its memory
  for (const [index, containerPath] of writable.entries()) {
    const name = `writable${index + 1}`
    task.addVolume({ name })
    container.addMountPoints({ sourceVolume: name, containerPath, readOnly: false })
  }
  Validations.of(task).acknowledge(
    {
      id: 'AwsSolutions-ECS2',
      reason:
        'Settings and no secrets are in the environment; secrets come from Secrets Manager (setting "secrets").',
    },
    {
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'ecr:GetAuthorizationToken, and for ECS Exec ssmmessages, know no resources: AWS accepts nothing but "*" there.',
    },
  )
  return { task, logGroup }
}

function createLogGroup(scope: Construct, { days, kmsKeyArn }: Settings['logs']): logs.LogGroup {
  const encryptionKey = kmsKeyArn === undefined ? undefined : kms.Key.fromKeyArn(scope, 'LogKey', kmsKeyArn)
  return new logs.LogGroup(scope, 'Logs', {
    retention: days,
    removalPolicy: RemovalPolicy.RETAIN,
    ...(encryptionKey && { encryptionKey }),
  })
}

/** @param arn a secret's, with `#field` where one field of its JSON is meant */
function secret(scope: Construct, name: string, arn: string): ecs.Secret {
  const [whole = '', field] = arn.split('#')
  return ecs.Secret.fromSecretsManager(
    secrets.Secret.fromSecretCompleteArn(scope, `Secret${name}`, whole),
    field,
  )
}

/** Node is process 1 and has no need of an init; what ECS Exec starts does, or it is left behind when its session ends. */
function linux(scope: Construct, exec: boolean): ecs.LinuxParameters {
  const parameters = new ecs.LinuxParameters(scope, 'Linux', { initProcessEnabled: exec })
  if (!exec) parameters.dropCapabilities(ecs.Capability.ALL)
  return parameters
}
