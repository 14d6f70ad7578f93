import { z } from 'zod'
import { english, type Texts } from './english.ts'
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
export function readTask(text: string, name: string, texts: Texts['read'] = english.read): Task {
  if (/\.(jsonnet|libsonnet)$/.test(name)) throw new Error(texts.jsonnet(name))
  const template = TEMPLATE.exec(text)?.[0]
  if (template !== undefined) throw new Error(texts.template(name, template))
  const value = parse(text, name, texts)
  if (Array.isArray(value)) throw new Error(texts.list(name))
  const object = z.record(z.string(), z.unknown()).parse(value)
  const { data: wrapped } = Wrapped.safeParse(object)
  // CloudFormation's own tags are described, and refused by those who register
  const given = wrapped?.tags?.filter(({ key }) => !key.startsWith('aws:')) ?? []
  const tags = given.length > 0 ? { tags: given } : {}
  const bare: Record<string, unknown> = { ...(wrapped?.taskDefinition ?? object), ...tags }
  if (!('containerDefinitions' in bare)) throw new Error(whatElse(object, name, texts))
  for (const field of DESCRIBED) delete bare[field]
  const present = withoutNulls(bare)
  const { data, error } = Task.safeParse(present)
  if (data) return inOrderOf(present, data)
  const mistakes = error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`)
  throw new Error(texts.mistakes(name, mistakes.join('\n')))
}

function parse(text: string, name: string, texts: Texts['read']): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const start = text.trimStart()
    const reason = error instanceof Error ? error.message : String(error)
    if (start === '') throw new Error(texts.empty(name))
    if (/\$\{|%\{/.test(text)) throw new Error(texts.terraform(name))
    if (/^(local\b|\/\/|\/\*|std\.|\{\s*(?:\/\/|[a-z]\w*:|'))/i.test(start))
      throw new Error(texts.comments(name))
    if (/^(---|#|- |[\w"']+:)/.test(start)) throw new Error(texts.yaml(name))
    throw new Error(texts.noJson(name, reason))
  }
}

function whatElse(object: Readonly<Record<string, unknown>>, name: string, texts: Texts['read']): string {
  if ('services' in object) return texts.service(name)
  if ('ContainerDefinitions' in object || 'Resources' in object) return texts.cloudFormation(name)
  return texts.noContainers(name)
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
