import { z } from 'zod'
import { Task } from './task.ts'

/** What DescribeTaskDefinition answers beside what RegisterTaskDefinition takes. */
const DESCRIBED = [
  'taskDefinitionArn',
  'revision',
  'status',
  'requiresAttributes',
  'compatibilities',
  'registeredAt',
  'registeredBy',
  'deregisteredAt',
  'deleteRequestedAt',
]

/** Functions of ecspresso's templates; `{{.Name}}` is a log driver's tag and stays. */
const TEMPLATE = /\{\{-?\s*[a-z]\w*/i
const RENDER = 'render it first: ecspresso render taskdef > task.json'
const DESCRIBE =
  'aws ecs describe-task-definition --task-definition FAMILY > task.json prints what is registered'

const Wrapped = z.looseObject({
  taskDefinition: z.looseObject({}),
  tags: z.array(z.looseObject({ key: z.string() })).optional(),
})

/**
 * Reads a task definition: the answer of `aws ecs describe-task-definition`, or its `taskDefinition` alone, as ecspresso and
 * many repositories keep it. Fields that registering refuses are left out.
 * @param name of the file, for the messages
 * @throws Error that says what the text is instead, and what to do
 */
export function readTask(text: string, name: string): Task {
  if (/\.(jsonnet|libsonnet)$/.test(name)) throw new Error(`${name} is jsonnet; ${RENDER}`)
  const template = TEMPLATE.exec(text)?.[0]
  if (template !== undefined) throw new Error(`${name} is a template (${template} …}}); ${RENDER}`)
  const value = parse(text, name)
  if (Array.isArray(value))
    throw new Error(
      `${name} is a list, such as Terraform's container_definitions; the whole is needed: ${DESCRIBE}`,
    )
  const object = z.record(z.string(), z.unknown()).parse(value)
  const { data: wrapped } = Wrapped.safeParse(object)
  // CloudFormation's own tags are described, and refused by those who register
  const given = wrapped?.tags?.filter(({ key }) => !key.startsWith('aws:')) ?? []
  const tags = given.length > 0 ? { tags: given } : {}
  const bare: Record<string, unknown> = { ...(wrapped?.taskDefinition ?? object), ...tags }
  if (!('containerDefinitions' in bare)) throw new Error(`${name} ${whatElse(object)}: ${DESCRIBE}`)
  for (const field of DESCRIBED) delete bare[field]
  const present = withoutNulls(bare)
  const { data, error } = Task.safeParse(present)
  if (data) return inOrderOf(present, data)
  const mistakes = error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`)
  throw new Error(`${name} is no task definition:\n${mistakes.join('\n')}`)
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const start = text.trimStart()
    const reason = error instanceof Error ? error.message : String(error)
    if (start === '') throw new Error(`${name} is empty: ${DESCRIBE}`)
    if (/\$\{|%\{/.test(text)) throw new Error(`${name} is a template of Terraform or the like: ${DESCRIBE}`)
    if (/^(local\b|\/\/|\/\*|std\.|\{\s*(?:\/\/|[a-z]\w*:|'))/i.test(start))
      throw new Error(`${name} is jsonnet, or JSON with comments; ${RENDER}`)
    if (/^(---|#|- |[\w"']+:)/.test(start))
      throw new Error(`${name} is YAML, and JSON is needed; ${RENDER}, or ${DESCRIBE}`)
    throw new Error(`${name} is not JSON (${reason}): ${DESCRIBE}`)
  }
}

function whatElse(object: Readonly<Record<string, unknown>>): string {
  if ('services' in object) return "is a service's description, and the task definition is needed"
  if ('ContainerDefinitions' in object || 'Resources' in object)
    return 'is written for CloudFormation, and the form of the API is needed'
  return 'has no containerDefinitions'
}

/** Templates of Terraform write `null` for what is not set; the API refuses it. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter(each => each !== null).map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  const present = Object.entries(value).filter(([, each]) => each !== null)
  return Object.fromEntries(present.map(([key, each]) => [key, withoutNulls(each)]))
}

/** The keys as the file has them, so that a diff of the two shows what has changed. */
function inOrderOf<T>(file: unknown, value: T): T
function inOrderOf(file: unknown, value: unknown): unknown {
  if (Array.isArray(value))
    return value.map((each, i) => inOrderOf(Array.isArray(file) ? file[i] : undefined, each))
  if (typeof value !== 'object' || value === null || typeof file !== 'object' || file === null) return value
  const before = new Map<string, unknown>(Object.entries(file))
  const all = new Map<string, unknown>(Object.entries(value))
  const keys = new Set([...before.keys(), ...all.keys()])
  return Object.fromEntries(
    [...keys].flatMap(key => (all.has(key) ? [[key, inOrderOf(before.get(key), all.get(key))]] : [])),
  )
}
