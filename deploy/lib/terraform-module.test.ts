import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { Container, FILES, parsed, read, resources } from '../test/terraform.ts'
import { SET_ELSEWHERE } from './settings/parts.ts'

const text = FILES.map(read).join('\n')

const variables = parsed.flatMap(({ variable }) => Object.keys(variable))

const locals = parsed.flatMap(({ locals }) => locals.flatMap(Object.keys))

const used = (kind: string) =>
  new Set([...text.matchAll(RegExp(`\\b${kind}\\.(\\w+)`, 'g'))].map(([, name = '']) => name))

test('each variable and local that is used is declared, and each that is declared is used', () => {
  assert.deepEqual([...used('var')].sort(), variables.sort())
  assert.deepEqual([...used('local')].sort(), locals.sort())
})

test('each resource and data source that is referred to is there', () => {
  const data = parsed.flatMap(({ data }) =>
    Object.entries(data).flatMap(([type, byName]) => Object.keys(byName).map(name => `data.${type}.${name}`)),
  )
  const known = [...resources.map(({ type, name }) => `${type}.${name}`), ...data]
  const references = [...text.matchAll(/\b((?:data\.)?aws_\w+\.\w+)/g)].map(([, each = '']) => each)
  assert.ok(references.length > 30)
  for (const each of references) assert.ok(known.includes(each), each)
})

/** An expression with what its locals are put in their place. */
function expanded(expression: string): string {
  const all = parsed.flatMap(({ locals }) => locals)
  return expression.replace(/\blocal\.(\w+)/g, (_, name: string) => {
    const value = all.find(each => name in each)?.[name]
    return expanded(JSON.stringify(value))
  })
}

test('how many there are of a resource is known before anything is made: Terraform refuses to plan it otherwise', () => {
  const counted = resources.flatMap(({ type, name, body }) =>
    ['for_each', 'count'].flatMap(key =>
      key in body ? [{ id: `${type}.${name}`, by: String(body[key]) }] : [],
    ),
  )
  assert.ok(counted.length >= 4)
  for (const { id, by } of counted) {
    assert.doesNotMatch(expanded(by), /\b(data\.)?aws_/, id)
    // of a value that is made in the same run it is unknown whether it is null; the length of a list is known
    assert.doesNotMatch(by, /null/, id)
  }
})

test('a dimension of an alarm is one value of the module', () => {
  const Dimensions = z.record(
    z.string(),
    z.object({
      queries: z.array(
        z.object({ metric: z.object({ dimensions: z.record(z.string(), z.string()) }).nullable() }),
      ),
    }),
  )
  const all = Object.values(Dimensions.parse(JSON.parse(read('alarms.json'))))
  const values = all.flatMap(({ queries }) =>
    queries.flatMap(({ metric }) => Object.values(metric?.dimensions ?? {})),
  )
  assert.ok(values.length > 20)
  for (const each of values) assert.match(each, /^\$\{\w+\}$/)
})

test('alarms.json and dashboard.json ask for no more than the module gives them', () => {
  const values = Object.keys(
    z
      .record(z.string(), z.unknown())
      .parse(parsed.flatMap(({ locals }) => locals).find(each => 'values' in each)?.values),
  )
  for (const file of ['alarms.json', 'dashboard.json']) {
    const asked = new Set([...read(file).matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name))
    assert.ok(asked.size > 5)
    for (const name of asked) assert.ok(values.includes(name), `${file}: ${name}`)
    JSON.parse(read(file))
  }
})

test('a variable of the environment that is null is as one that is not there, which most functions refuse', () => {
  const uses = text.split('\n').filter(line => /var\.environment\[|lookup\(var\.environment/.test(line))
  assert.ok(uses.length >= 3)
  for (const each of uses)
    assert.doesNotMatch(each.replace(/try\((?:\w+\(.*?)?var\.environment\["\w+"\]/g, ''), /var\.environment/)
  const { container } = Container.parse(Object.assign({}, ...parsed.flatMap(({ locals }) => locals)))
  assert.match(String(container.environment), /if value != null\]/)
})

test('what the settings file refuses in the environment is refused here as well: no task would be healthy, or no alarm would fire', () => {
  const [{ validation } = {}] = parsed.flatMap(({ variable }) => variable.environment ?? [])
  const Condition = z.looseObject({ condition: z.string() })
  const [{ condition }] = z.tuple([Condition], Condition).parse(validation)
  const names = [...condition.matchAll(/"([A-Z_]+)"/g)].map(([, name]) => name)
  assert.deepEqual(names.sort(), Object.keys(SET_ELSEWHERE).sort())
})
