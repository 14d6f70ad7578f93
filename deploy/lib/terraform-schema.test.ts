import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { Body, read, resources } from '../test/terraform.ts'

type Block = { readonly [name: string]: { readonly required?: true; readonly block?: Block } }

const Attributes: z.ZodType<Block> = z.lazy(() =>
  z.record(z.string(), z.object({ required: z.literal(true).optional(), block: Attributes.optional() })),
)

const schema = z
  .object({ provider: z.string(), resources: z.record(z.string(), Attributes) })
  .parse(JSON.parse(read('provider-schema.json')))

/** What Terraform itself takes in every resource. */
const META = ['for_each', 'count', 'depends_on', 'lifecycle', 'provider']

const Dynamic = z.record(z.string(), z.tuple([z.looseObject({ content: z.tuple([Body]) })]))

/** The blocks of a body that are made by `dynamic` beside those that are written out. */
function blocksOf({ dynamic, ...body }: z.output<typeof Body>): z.output<typeof Body> {
  const made = Dynamic.parse(dynamic ?? {})
  return {
    ...body,
    ...Object.fromEntries(Object.entries(made).map(([name, [{ content }]]) => [name, content])),
  }
}

/** What the schema does not know, and what it requires and is not there. */
function mistakes(body: z.output<typeof Body>, block: Block, path: string): string[] {
  const given = blocksOf(body)
  const missing = Object.entries(block)
    .filter(([name, { required }]) => required && !(name in given))
    .map(([name]) => `${path}.${name} is missing`)
  const found = Object.entries(given).flatMap(([name, value]) => {
    const known = block[name]
    if (!known) return [`${path}.${name} is unknown`]
    if (!known.block) return []
    return z
      .array(Body)
      .parse(value)
      .flatMap(each => mistakes(each, known.block ?? {}, `${path}.${name}`))
  })
  return [...missing, ...found]
}

const withoutMeta = (body: z.output<typeof Body>) =>
  Object.fromEntries(Object.entries(body).filter(([name]) => !META.includes(name)))

for (const { type, name, body } of resources) {
  test(`${type}.${name} has what version ${schema.provider} of the AWS provider requires, and nothing that it does not know`, () => {
    const block = schema.resources[type]
    assert.ok(block, `${type}: npm run provider-schema`)
    assert.deepEqual(mistakes(withoutMeta(body), block, type), [])
  })
}

test('a misspelt attribute, block or an attribute that is missing would be found', () => {
  const block = schema.resources.aws_lb_target_group ?? {}
  const body = { prot: 4000, health_check: [{ paht: '/healthz' }] }
  assert.deepEqual(mistakes(body, block, 'x'), ['x.prot is unknown', 'x.health_check.paht is unknown'])
  assert.deepEqual(mistakes({}, schema.resources.aws_sns_topic_policy ?? {}, 'x'), [
    'x.arn is missing',
    'x.policy is missing',
  ])
})
