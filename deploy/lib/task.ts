import { Duration, Size, Validations } from 'aws-cdk-lib'
import * as ecs from 'aws-cdk-lib/aws-ecs'
import type { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { FRONT_PORT } from './load-balancer.ts'
import type { GatehouseServiceProps, Sidecar } from './props.ts'
import { START_SECONDS, timesFor } from './times.ts'

export const CONTAINER = 'front'
/** The image's own unprivileged user; said here too, so that no other image runs as root by mistake. */
const USER = '10001:10001'
/** The image's own health check, too: for ECS the one in the task definition alone counts. What NODE_OPTIONS preloads takes longer than the timeout. */
const HEALTH_CHECK = ['CMD', 'env', '-u', 'NODE_OPTIONS', 'node', '/app/dist/healthcheck.mjs']
/**
 * What waits of the log while CloudWatch takes none. Lines beyond it are lost, those of METRICS=emf, which the alarms read, among them.
 * A task at the target of the autoscaling writes 1.5 MB a minute with LOG_REQUESTS=all (docs/ecs.md), so this is a quarter of an hour.
 * The default is 10 MB, and was 1 MB (ECS, LogConfiguration).
 */
const LOG_BUFFER = Size.mebibytes(25)
/** AWS' resolver, at an address that is the same in every VPC. */
const RESOLVER = '169.254.169.253'

/** The task definition: the front's container, which may write nowhere but to its own volumes, and what runs beside it. */
export function createTask(scope: Construct, props: GatehouseServiceProps, logGroup: LogGroup) {
  const { exec = false, secrets = {}, task: settings = {} } = props
  const { cpu = 512, memory = 1024, architecture = ecs.CpuArchitecture.X86_64 } = settings
  const { startSeconds = START_SECONDS, writable = [], sidecars = [], roleStatements = [] } = settings
  const task = new ecs.FargateTaskDefinition(scope, 'Task', {
    family: props.name,
    cpu,
    memoryLimitMiB: memory,
    runtimePlatform: {
      operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
      cpuArchitecture: architecture,
    },
  })
  for (const statement of roleStatements) task.addToTaskRolePolicy(statement)
  const container = task.addContainer(CONTAINER, {
    image: props.image,
    // what the sidecars leave of the task's: the front finds its limit in the container alone, and PAGE_MEMORY follows from it
    memoryLimitMiB: sidecars.reduce((left, sidecar) => left - sidecar.memory, memory),
    user: USER,
    // ECS Exec's agent writes to the container's root, and AWS supports it with no read-only one (docs/ecs.md)
    readonlyRootFilesystem: !exec,
    linuxParameters: linux(scope, exec),
    portMappings: [{ name: 'http', containerPort: FRONT_PORT }],
    environment: environmentOf(props),
    secrets: { ...secrets },
    stopTimeout: Duration.seconds(timesFor(props.environment ?? {}).stopTimeout),
    healthCheck: {
      command: HEALTH_CHECK,
      interval: Duration.seconds(30),
      timeout: Duration.seconds(5),
      retries: 3,
      startPeriod: Duration.seconds(startSeconds),
    },
    logging: log(props.name, logGroup),
  })
  // volumes on the task's disk, which end with it: a tmpfs would take of its memory
  for (const [index, containerPath] of writable.entries()) {
    const name = `writable${index + 1}`
    task.addVolume({ name })
    container.addMountPoints({ sourceVolume: name, containerPath, readOnly: false })
  }
  for (const sidecar of sidecars) addSidecar(task, sidecar, log(sidecar.name, logGroup))
  Validations.of(task).acknowledge(
    {
      id: 'AwsSolutions-ECS2',
      reason:
        'Settings and no secrets are in the environment; secrets come from Secrets Manager or SSM (setting "secrets").',
    },
    {
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'ecr:GetAuthorizationToken, and for ECS Exec ssmmessages, know no resources: AWS accepts nothing but "*" there.',
    },
  )
  return task
}

function environmentOf(props: GatehouseServiceProps): Record<string, string> {
  const { secrets = {}, backend } = props
  return {
    ...(!backend.routesInImage && { BACKEND_ORIGIN: backend.origin.origin }),
    DNS_SERVERS: RESOLVER,
    METRICS: 'emf',
    SERVICE_NAME: props.name,
    SERVICE_ENVIRONMENT: environmentName(props),
    TRUSTED_PROXIES: props.trustedProxies.join(','),
    // with a token whoever the security group lets in: to open it later replaces no task
    ...('ADMIN_TOKEN' in secrets && { ADMIN_HOST: '0.0.0.0' }),
    ...props.environment,
  }
}

/** The metrics' dimension Environment. */
export const environmentName = ({ environmentName = 'production' }: GatehouseServiceProps): string =>
  environmentName

function addSidecar(task: ecs.FargateTaskDefinition, sidecar: Sidecar, logging: ecs.LogDriver) {
  const { name, image, memory, essential = false, readOnlyRoot = true } = sidecar
  task.addContainer(name, {
    image,
    memoryLimitMiB: memory,
    essential,
    readonlyRootFilesystem: readOnlyRoot,
    logging,
    ...(sidecar.command && { command: [...sidecar.command] }),
    ...(sidecar.environment && { environment: { ...sidecar.environment } }),
    ...(sidecar.secrets && { secrets: { ...sidecar.secrets } }),
  })
}

const log = (streamPrefix: string, logGroup: LogGroup) =>
  ecs.LogDriver.awsLogs({
    streamPrefix,
    logGroup,
    // a log that does not take its lines must not hold up a login
    mode: ecs.AwsLogDriverMode.NON_BLOCKING,
    maxBufferSize: LOG_BUFFER,
  })

/** Node is process 1 and has no need of an init; what ECS Exec starts does, or it is left behind when its session ends. */
function linux(scope: Construct, exec: boolean): ecs.LinuxParameters {
  const parameters = new ecs.LinuxParameters(scope, 'Linux', { initProcessEnabled: exec })
  if (!exec) parameters.dropCapabilities(ecs.Capability.ALL)
  return parameters
}
