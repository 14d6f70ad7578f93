import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import flags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' }
import { createTemplate } from './template.ts'

/** The files for teams without CDK, by their paths in this folder. */
export function exported(): Readonly<Record<string, string>> {
  return {
    'cloudformation/gatehouse.json': print(
      Template.fromStack(createTemplate(new App({ context: flags }))).toJSON(),
    ),
  }
}

const print = (value: object) => `${JSON.stringify(value, null, 2)}\n`
