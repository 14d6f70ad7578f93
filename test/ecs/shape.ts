import assert from 'node:assert/strict'
import * as sdk from '@aws-sdk/client-ecs'
import { z } from 'zod'
import { shellBlocks } from '../shell-blocks.ts'

/**
 * Whether a value has the shape that an operation of ECS takes, by the model in AWS' SDK: its schemas are arrays of
 * [3, namespace, name, traits, names of the members, their schemas, how many of them are required].
 */
const Structure = z
  .tuple([z.literal(3), z.string(), z.string(), z.unknown(), z.array(z.string()), z.array(z.unknown())])
  .rest(z.unknown())
const Collection = z
  .tuple([z.union([z.literal(1), z.literal(2)]), z.string(), z.string(), z.unknown(), z.unknown()])
  .rest(z.unknown())
const LISTS = 64
const MAPS = 128
const PLAIN = ['string', 'number', 'boolean'] as const

/** Texts with a fixed set of values, which the schemas do not have: structure.member → the SDK's enum. */
const ENUMS: Readonly<Record<string, readonly string[]>> = {
  'RegisterTaskDefinitionRequest.networkMode': Object.values(sdk.NetworkMode),
  'RegisterTaskDefinitionRequest.requiresCompatibilities': Object.values(sdk.Compatibility),
  'RegisterTaskDefinitionRequest.pidMode': Object.values(sdk.PidMode),
  'PortMapping.protocol': Object.values(sdk.TransportProtocol),
  'PortMapping.appProtocol': Object.values(sdk.ApplicationProtocol),
  'ContainerDependency.condition': Object.values(sdk.ContainerCondition),
  'LogConfiguration.logDriver': Object.values(sdk.LogDriver),
  'Ulimit.name': Object.values(sdk.UlimitName),
  'RuntimePlatform.cpuArchitecture': Object.values(sdk.CPUArchitecture),
  'RuntimePlatform.operatingSystemFamily': Object.values(sdk.OSFamily),
  'FirelensConfiguration.type': Object.values(sdk.FirelensConfigurationType),
  'ProxyConfiguration.type': Object.values(sdk.ProxyConfigurationType),
  'EFSVolumeConfiguration.transitEncryption': Object.values(sdk.EFSTransitEncryption),
}

/** @returns the mistakes, each with its place */
export const shapeMistakes = (value: unknown, schema: unknown): string[] => [...mistakes(value, schema, '$')]

function* mistakes(value: unknown, schema: unknown, path: string): Generator<string> {
  if (typeof schema === 'function') return yield* mistakes(value, schema(), path)
  if (typeof schema === 'number') return yield* plainMistakes(value, schema, path)
  const structure = Structure.safeParse(schema)
  if (structure.success) return yield* structureMistakes(value, structure.data, path)
  const collection = Collection.safeParse(schema)
  if (collection.success) {
    const { data } = collection
    return yield* data[0] === 1 ? listMistakes(value, data[4], path) : mapMistakes(value, data[5], path)
  }
  // [schema, traits]
  if (Array.isArray(schema) && schema.length === 2) return yield* mistakes(value, schema[0], path)
  throw new Error(`${path}: the SDK has a schema of a kind that is not known here`)
}

function* structureMistakes(
  value: unknown,
  [, , name, , members, schemas, required]: z.output<typeof Structure>,
  path: string,
): Generator<string> {
  const { data: object } = z.record(z.string(), z.unknown()).safeParse(value)
  if (!object) return yield `${path}: ${name} is an object`
  for (const [key, each] of Object.entries(object)) {
    const place = `${path}.${key}`
    const index = members.indexOf(key)
    if (index < 0) yield `${place}: ${name} has no such member`
    else {
      yield* mistakes(each, schemas[index], place)
      const values = ENUMS[`${name}.${key}`]
      for (const text of values ? [each].flat() : [])
        if (!values?.includes(String(text))) yield `${place}: ${text} is none of ${values?.join(', ')}`
    }
  }
  for (const key of members.slice(0, Number(required ?? 0)))
    if (!(key in object)) yield `${path}.${key}: is required`
}

function* listMistakes(value: unknown, schema: unknown, path: string): Generator<string> {
  if (!Array.isArray(value)) return yield `${path}: is a list`
  for (const [i, each] of value.entries()) yield* mistakes(each, schema, `${path}[${i}]`)
}

function* mapMistakes(value: unknown, schema: unknown, path: string): Generator<string> {
  const { data } = z.record(z.string(), z.unknown()).safeParse(value)
  if (!data) return yield `${path}: is a map`
  for (const [key, each] of Object.entries(data)) yield* mistakes(each, schema, `${path}.${key}`)
}

function* plainMistakes(value: unknown, schema: number, path: string): Generator<string> {
  if (schema >= MAPS) return yield* mapMistakes(value, schema - MAPS, path)
  if (schema >= LISTS) return yield* listMistakes(value, schema - LISTS, path)
  const kind = PLAIN[schema]
  if (kind === undefined) throw new Error(`${path}: the SDK has a schema ${schema} that is not known here`)
  if (typeof value !== kind) yield `${path}: ${JSON.stringify(value)} is no ${kind}`
  if (kind === 'number' && !Number.isInteger(value)) yield `${path}: is no whole number`
}

/** The members of an operation's request, as the options of `aws ecs update-service` are named: `taskDefinition` → `--task-definition`. */
export function optionsOf(operation: string): string[] {
  const name = operation.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase())
  const { data } = Structure.safeParse(Object.entries(sdk).find(([key]) => key === `${name}Request$`)?.[1])
  if (!data) throw new Error(`ECS has no operation ${operation}`)
  return data[4].map(member => `--${member.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`)
}

/**
 * Checks the blocks for a shell on a page: bash and zsh can read each, and every option of `aws ecs` is one of its operation.
 * @returns the blocks, and the operations that are called
 */
export function checkBlocks(page: string): { readonly blocks: string[]; readonly operations: string[] } {
  const blocks = shellBlocks(page)
  const calls = blocks
    .join('')
    .replaceAll('\\\n', ' ')
    .matchAll(/aws ecs (?!wait )(\S+) ([^\n)]*)/g)
  const operations = [...calls].map(([, operation = '', rest = '']) => {
    const known = [...optionsOf(operation), '--query', '--output', '--cli-input-json']
    for (const [option] of rest.matchAll(/(?<=\s|^)--[a-z-]+/g))
      assert.ok(known.includes(option), `${operation} ${option}`)
    return operation
  })
  return { blocks, operations }
}
