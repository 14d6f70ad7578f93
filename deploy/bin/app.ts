import { readFileSync } from 'node:fs'
import { App, Validations } from 'aws-cdk-lib'
import flags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' }
import { AwsSolutionsChecks } from 'cdk-nag'
import { readSettings, SettingsError } from '../lib/settings.ts'
import { createStack } from '../lib/stack.ts'

/** `npx cdk synth -c settings=settings/production.json`; without it, the example's. */
const app = new App({ context: flags })
const file = String(app.node.tryGetContext('settings'))
try {
  createStack(app, readSettings(readFileSync(file, 'utf8'), file))
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app, { verbose: true }))
  app.synth()
} catch (error) {
  if (!(error instanceof SettingsError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
