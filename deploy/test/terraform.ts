import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from '@cdktf/hcl2json'
import { z } from 'zod'

const FOLDER = fileURLToPath(new URL('../terraform/', import.meta.url))

/** The files of the module, as they are parsed. */
export const FILES = globSync('*.tf', { cwd: FOLDER })

export const read = (file: string) => readFileSync(`${FOLDER}${file}`, 'utf8')

/** `{ [type]: { [name]: [body] } }`, as hcl2json gives it. */
export const Body = z.record(z.string(), z.unknown())

const Named = z.record(z.string(), z.record(z.string(), z.tuple([Body])))

const Module = z.object({
  resource: Named.default({}),
  data: Named.default({}),
  variable: z.record(z.string(), z.tuple([Body])).default({}),
  locals: z.array(Body).default([]),
})

export const parsed = await Promise.all(FILES.map(async file => Module.parse(await parse(file, read(file)))))

export const resources = parsed.flatMap(({ resource }) =>
  Object.entries(resource).flatMap(([type, byName]) =>
    Object.entries(byName).map(([name, [body]]) => ({ type, name, body })),
  ),
)

export const bodyOf = (type: string, name = 'this') => {
  const found = resources.find(each => each.type === type && each.name === name)
  assert.ok(found, `${type}.${name}`)
  return found.body
}

export const Container = z.looseObject({
  container: z.record(z.string(), z.unknown()),
  environment: z.string(),
})
