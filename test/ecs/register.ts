import { RegisterTaskDefinitionRequest$ } from '@aws-sdk/client-ecs'
import { isFargate, memoryOf, Task } from '../../command/ecs/task.ts'
import { shapeMistakes } from './shape.ts'

/**
 * Why ECS would refuse to register a task definition: its shape, by AWS' own model, and the rules that the model has only in words.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
 */
export function refusals(value: unknown): string[] {
  const shape = shapeMistakes(value, RegisterTaskDefinitionRequest$)
  return shape.length > 0 ? shape : [...ruleMistakes(Task.parse(value))]
}

function* ruleMistakes(task: Task): Generator<string> {
  const { containerDefinitions: containers, networkMode = 'bridge', volumes = [] } = task
  const names = containers.map(({ name }) => name)
  if (new Set(names).size < names.length) yield 'two containers have one name'
  if (!containers.some(({ essential }) => essential !== false)) yield 'no container is essential'
  if (isFargate(task)) yield* fargateMistakes(task)
  const limits = containers.reduce(
    (sum, { memory, memoryReservation }) => sum + (memoryReservation ?? memory ?? 0),
    0,
  )
  if (limits > (memoryOf(task) ?? Number.POSITIVE_INFINITY))
    yield 'the containers have more memory than the task'
  for (const container of containers) {
    const { name, environment = [], secrets = [], memory, memoryReservation } = container
    const variables = [...environment, ...secrets].map(each => each.name)
    if (new Set(variables).size < variables.length) yield `${name} has a variable twice`
    if (memoryOf(task) === undefined && memory === undefined && memoryReservation === undefined)
      yield `${name} has no memory, and the task has none`
    if ((memory ?? 4) < 4 || (memory ?? Number.POSITIVE_INFINITY) < (memoryReservation ?? 0))
      yield `${name} has too little memory`
    for (const { sourceVolume } of container.mountPoints ?? [])
      if (!volumes.some(volume => volume.name === sourceVolume))
        yield `${name} mounts ${sourceVolume}, which is no volume`
    for (const { sourceContainer } of container.volumesFrom ?? [])
      if (!names.includes(sourceContainer ?? ''))
        yield `${name} has the volumes of ${sourceContainer}, which is not there`
    for (const link of container.links ?? []) {
      if (networkMode !== 'bridge') yield `${name} has links in the mode ${networkMode}`
      if (!names.includes(link.split(':')[0] ?? '')) yield `${name} is linked to ${link}, which is not there`
    }
    for (const { containerPort, hostPort } of container.portMappings ?? [])
      if (networkMode !== 'bridge' && hostPort !== undefined && hostPort !== containerPort)
        yield `${name} has different ports in the mode ${networkMode}`
    yield* dependencyMistakes(name, containers)
    yield* healthMistakes(container)
  }
}

function* dependencyMistakes(name: string, containers: Task['containerDefinitions']): Generator<string> {
  const after = (from: string) => containers.find(each => each.name === from)?.dependsOn ?? []
  for (const { containerName, condition } of after(name)) {
    const other = containers.find(each => each.name === containerName)
    if (!other) yield `${name} depends on ${containerName}, which is not there`
    if (condition === 'HEALTHY' && !other?.healthCheck)
      yield `${name} waits for the health of ${containerName}, which has no check`
    if (['COMPLETE', 'SUCCESS'].includes(condition) && other?.essential !== false)
      yield `${name} waits for the end of ${containerName}, which is essential`
  }
  const seen = new Set<string>()
  const wait = [name]
  for (let each = wait.pop(); each !== undefined; each = wait.pop())
    for (const { containerName } of after(each)) {
      if (containerName === name) return yield `${name} waits for itself`
      if (!seen.has(containerName)) wait.push(containerName)
      seen.add(containerName)
    }
}

function* healthMistakes({ name, healthCheck }: Task['containerDefinitions'][number]): Generator<string> {
  const ranges = { interval: [5, 300], timeout: [2, 120], retries: [1, 10], startPeriod: [0, 300] } as const
  for (const [key, [least, most]] of Object.entries(ranges)) {
    const value = Number(healthCheck?.[key] ?? least)
    if (!(value >= least && value <= most)) yield `${name} has a health check whose ${key} is ${value}`
  }
}

function* fargateMistakes(task: Task): Generator<string> {
  if (task.networkMode !== 'awsvpc') yield 'on Fargate the network mode is awsvpc'
  if (task.cpu === undefined || memoryOf(task) === undefined) yield 'on Fargate the task has CPU and memory'
  for (const { name, stopTimeout = 30, ulimits = [], privileged } of task.containerDefinitions) {
    if (stopTimeout > 120) yield `${name} has a stopTimeout above 120 s`
    if (privileged) yield `${name} is privileged`
    if (ulimits.some(each => each.softLimit > each.hardLimit))
      yield `${name} has a ulimit whose soft limit is above the hard one`
  }
}
