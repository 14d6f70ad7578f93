import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { App } from 'aws-cdk-lib'
import { CfnCluster } from 'aws-cdk-lib/aws-ecs'
import flags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' }
import { z } from 'zod'
import { stackWith, VARIANTS } from '../test/example.ts'
import { createTemplate } from './template.ts'

const Report = z.looseObject({
  pluginReports: z.array(z.looseObject({ violations: z.array(z.looseObject({ ruleName: z.string() })) })),
})

/** What CDK finds when it checks the templates against CloudFormation's schemas, as `cdk synth` does. */
function findings(app: App): string[] {
  process.env.CDK_VALIDATION = 'true'
  const { directory } = app.synth()
  const file = join(directory, 'validation-report.json')
  if (!existsSync(file)) return []
  const { pluginReports } = Report.parse(JSON.parse(readFileSync(file, 'utf8')))
  return pluginReports.flatMap(({ violations }) => violations.map(each => JSON.stringify(each)))
}

for (const [name, changes] of Object.entries(VARIANTS)) {
  // the warnings of the app itself have a test of their own
  const quiet = { ...changes, protection: true, ...(name.startsWith('one task') && { scaling: {} }) }
  test(`CloudFormation’s schemas accept ${name}`, () => assert.deepEqual(findings(stackWith(quiet).app), []))
}

test('they accept the CloudFormation template', () => {
  const app = new App({ context: flags })
  createTemplate(app)
  assert.deepEqual(findings(app), [])
})

test('what they do not accept is found', () => {
  const { app, stack } = stackWith({})
  const cluster = stack.node.findAll().find(each => each instanceof CfnCluster)
  cluster?.addPropertyOverride('NoSuchProperty', true)
  assert.throws(() => findings(app), /Validation failed/)
})
