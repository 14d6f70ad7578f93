import { z } from 'zod'

/**
 * A task definition as `RegisterTaskDefinition` takes it: what this command reads or changes. Every other field is kept as it is.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
 */
const Pair = z.looseObject({ name: z.string(), value: z.string().default('') })
const PortMapping = z.looseObject({
  containerPort: z.int().optional(),
  containerPortRange: z.string().optional(),
  hostPort: z.int().optional(),
  protocol: z.string().optional(),
  name: z.string().optional(),
  appProtocol: z.string().optional(),
})
const Dependency = z.looseObject({ containerName: z.string(), condition: z.string() })
const MountPoint = z.looseObject({
  sourceVolume: z.string().optional(),
  containerPath: z.string().optional(),
  readOnly: z.boolean().optional(),
})
const Ulimit = z.looseObject({ name: z.string(), softLimit: z.int(), hardLimit: z.int() })
const Sysctl = z.looseObject({ namespace: z.string().optional() })

const Container = z.looseObject({
  name: z.string().min(1),
  image: z.string().min(1),
  essential: z.boolean().optional(),
  cpu: z.int().optional(),
  memory: z.int().optional(),
  memoryReservation: z.int().optional(),
  portMappings: z.array(PortMapping).optional(),
  entryPoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  workingDirectory: z.string().optional(),
  user: z.string().optional(),
  environment: z.array(Pair).optional(),
  environmentFiles: z.array(z.looseObject({ value: z.string() })).optional(),
  secrets: z.array(z.looseObject({ name: z.string(), valueFrom: z.string() })).optional(),
  dependsOn: z.array(Dependency).optional(),
  links: z.array(z.string()).optional(),
  mountPoints: z.array(MountPoint).optional(),
  volumesFrom: z.array(z.looseObject({ sourceContainer: z.string().optional() })).optional(),
  stopTimeout: z.int().optional(),
  readonlyRootFilesystem: z.boolean().optional(),
  linuxParameters: z.looseObject({ initProcessEnabled: z.boolean().optional() }).optional(),
  firelensConfiguration: z.looseObject({}).optional(),
  healthCheck: z.looseObject({ command: z.array(z.string()), startPeriod: z.int().optional() }).optional(),
  ulimits: z.array(Ulimit).optional(),
  systemControls: z.array(Sysctl).optional(),
})

/** CPU and memory of the task are texts (`512`, `.5 vCPU`, `1 GB`); some files have numbers. */
const Size = z.union([z.string(), z.number()]).transform(String)

export const Task = z.looseObject({
  family: z.string().min(1),
  networkMode: z.string().optional(),
  cpu: Size.optional(),
  memory: Size.optional(),
  requiresCompatibilities: z.array(z.string()).optional(),
  containerDefinitions: z.array(Container).min(1),
  volumes: z.array(z.looseObject({ name: z.string() })).optional(),
  proxyConfiguration: z
    .looseObject({ properties: z.array(z.looseObject({ name: z.string(), value: z.string() })).optional() })
    .optional(),
  runtimePlatform: z.looseObject({ operatingSystemFamily: z.string().optional() }).optional(),
})

export type Task = z.output<typeof Task>
export type Container = z.output<typeof Container>
export type PortMapping = z.output<typeof PortMapping>

/** A copy without the fields that are undefined: the API refuses null, and JSON has no undefined. */
export function compact<T extends object>(value: T): T {
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, each]) => (each === undefined ? {} : { [key]: each })),
  )
}

/** Where containers of a task find each other: one network for all of them, or one each (Docker's bridge). */
export const sharesNetwork = ({ networkMode }: Task) => networkMode === 'awsvpc' || networkMode === 'host'

export const isFargate = ({ requiresCompatibilities = [] }: Task) =>
  requiresCompatibilities.includes('FARGATE')

/** MiB of the task; undefined where it has none. */
export function memoryOf({ memory }: Task): number | undefined {
  const [, number, unit] = /^([\d.]+)\s*(gb)?$/i.exec(memory?.trim() ?? '') ?? []
  return number === undefined ? undefined : Number(number) * (unit === undefined ? 1 : 1024)
}
