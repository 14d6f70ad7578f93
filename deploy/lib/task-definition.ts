import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { z } from 'zod'
import type { Settings } from './settings.ts'
import { createStack } from './stack.ts'

const Found = z.record(z.string(), z.object({ Properties: z.record(z.string(), z.unknown()) }))

/**
 * The app's task definition alone, as `aws ecs register-task-definition --cli-input-json` takes it, for teams that have a cluster and a
 * load balancer already. What is made beside it in the stack (roles, log group) has a name to be replaced instead.
 */
export function bareTaskDefinition(settings: Settings): object {
  const template = Template.fromStack(createStack(new App(), settings))
  const [found] = Object.values(Found.parse(template.findResources('AWS::ECS::TaskDefinition')))
  if (!found) throw new Error('there is no task definition')
  const { account, region, name, image } = settings
  if (image.use !== 'ecr') throw new Error('the image has no name')
  const role = (kind: string) => `arn:aws:iam::${account}:role/${name}-${kind}`
  const { version, ...uri } = image.uri
  const values: Readonly<Record<string, unknown>> = {
    ExecutionRoleArn: role('execution'),
    TaskRoleArn: role('task'),
    Image: `${uri.account}.dkr.ecr.${uri.region}.amazonaws.com/${uri.name}:${version}`,
    'awslogs-group': `/${name}`,
    'awslogs-region': region,
  }
  return z.record(z.string(), z.unknown()).parse(asApi(found.Properties, values))
}

/** CloudFormation's `StopTimeout` is `stopTimeout` in ECS' own API; names inside, of variables and options, stay. */
function asApi(value: unknown, values: Readonly<Record<string, unknown>>): unknown {
  if (Array.isArray(value)) return value.map(each => asApi(each, values))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.charAt(0).toLowerCase() + key.slice(1),
      values[key] ?? asApi(inner, values),
    ]),
  )
}
