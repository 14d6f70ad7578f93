import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * `npm run provider-schema`: what the AWS provider accepts in the resources that deploy/terraform uses, into
 * terraform/provider-schema.json. It is read out of the types of @cdktf/provider-aws, which are made from the provider's own
 * schema: each property's comment has the name in Terraform, `?` says that it is optional, a block's type is an interface. The
 * package is 390 MB, so it is fetched here and is no dependency.
 */
const PACKAGE = '@cdktf/provider-aws@21.22.1'
const TYPES = [
  'appautoscaling_policy',
  'appautoscaling_target',
  'cloudwatch_dashboard',
  'cloudwatch_log_group',
  'cloudwatch_metric_alarm',
  'ecs_service',
  'ecs_task_definition',
  'iam_role',
  'iam_role_policy',
  'lb_listener_rule',
  'lb_target_group',
  'security_group',
  'sns_topic',
  'sns_topic_policy',
  'sns_topic_subscription',
  'vpc_security_group_egress_rule',
  'vpc_security_group_ingress_rule',
]

type Attribute = { readonly required?: true; readonly block?: Block }
type Block = { readonly [name: string]: Attribute }

const PROPERTY = /\/docs\/resources\/\w+#(\w+) [\s\S]*?\*\/\s+readonly \w+(\??): ([^;{]+|\{[^}]*\});/g

function interfacesOf(types: string) {
  return new Map(
    [...types.matchAll(/^export interface (\w+)(?: extends [\w.]+)? \{\n([\s\S]*?)^\}/gm)].map(
      ([, name = '', body = '']) => [name, body],
    ),
  )
}

function blockOf(interfaces: ReadonlyMap<string, string>, name: string): Block {
  const properties = [...(interfaces.get(name) ?? '').matchAll(PROPERTY)]
  return Object.fromEntries(
    properties.map(([, attribute = '', optional, type = '']) => {
      const inner = [...type.matchAll(/\w+/g)].map(([word]) => word).find(word => interfaces.has(word))
      const entry: Attribute = {
        ...(optional === '' && { required: true as const }),
        ...(inner !== undefined && { block: blockOf(interfaces, inner) }),
      }
      return [attribute, entry]
    }),
  )
}

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-provider-'))
try {
  const run = (command: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
    return stdout.trim()
  }
  const [packed] = JSON.parse(run('npm', 'pack', PACKAGE, '--json', '--silent'))
  const paths = TYPES.map(type => `package/lib/${type.replaceAll('_', '-')}`)
  run('tar', 'xzf', String(packed.filename), ...paths)
  const resources = TYPES.map(type => {
    const types = readFileSync(join(folder, 'package/lib', type.replaceAll('_', '-'), 'index.d.ts'), 'utf8')
    const [, config = ''] =
      /^export interface (\w+Config) extends cdktf\.TerraformMetaArguments/m.exec(types) ?? []
    const [, provider] = /hashicorp\/aws\/([\d.]+)\//.exec(types) ?? []
    return { name: `aws_${type}`, provider, block: blockOf(interfacesOf(types), config) }
  })
  const schema = {
    from: PACKAGE,
    provider: resources[0]?.provider,
    resources: Object.fromEntries(resources.map(({ name, block }) => [name, block])),
  }
  // an attribute on one line
  const json = JSON.stringify(schema, null, 2).replace(/\{\s+"required": true\s+\}/g, '{ "required": true }')
  writeFileSync(new URL('../terraform/provider-schema.json', import.meta.url), `${json}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
