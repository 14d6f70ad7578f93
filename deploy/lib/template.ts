import {
  Aws,
  CfnCondition,
  CfnMapping,
  CfnParameter,
  DefaultStackSynthesizer,
  Fn,
  Stack,
  Token,
} from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import type { Origin } from './parse.ts'
import type { Settings } from './settings.ts'
import { fill } from './stack.ts'
import { IDLE_SECONDS, MOST_START_SECONDS, START_SECONDS } from './times.ts'

/** Sizes that the template offers: a template cannot compute what suits a size. The app has all of Fargate's. */
const SIZES = {
  small: { cpu: 256, memory: 512 },
  medium: { cpu: 512, memory: 1024 },
  large: { cpu: 1024, memory: 2048 },
}

/**
 * The same stack as plain CloudFormation, for teams without CDK: what differs from team to team is a parameter, in any account and
 * region. For what a template cannot hold (a new VPC, VPC endpoints, secrets, blue/green, a list of any length) there is the app.
 */
export function createTemplate(scope: Construct): Stack {
  const stack = new Stack(scope, 'template', {
    description:
      'Gatehouse: a Next.js front that keeps logins going. Made from deploy/lib by npm run export; do not edit.',
    // nothing of CDK has to be in the account
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  })
  const { entrance } = fill(stack, parameters(stack))
  const protection = new CfnParameter(stack, 'DeletionProtection', {
    description:
      'Of the public ALB: false for the first deployment, which could not be rolled back otherwise',
    default: 'true',
    allowedValues: ['true', 'false'],
  })
  entrance.balancer?.setAttribute('deletion_protection.enabled', protection.valueAsString)
  return stack
}

/**
 * `host` of an origin as the front has it in its metrics (new URL(origin).host), without the port that the scheme means anyway; and its
 * port. A parameter is no text that JavaScript could read, so CloudFormation does it.
 */
function originOf(stack: Stack, origin: string): Origin {
  const rest = Fn.join('', [Fn.select(1, Fn.split('//', origin)), '/'])
  const without = (port: string) => Fn.select(0, Fn.split('/', Fn.join('', Fn.split(port, rest))))
  const secure = new CfnCondition(stack, 'BackendIsHttps', {
    expression: Fn.conditionEquals(Fn.select(0, Fn.split(':', origin)), 'https'),
  })
  const byScheme = (https: string, http: string) => Fn.conditionIf(secure.logicalId, https, http).toString()
  // https://api.dev.jp:8443:443, and https://api.dev.jp:443 where it names none
  const port = Fn.select(2, Fn.split(':', Fn.join('', [origin, byScheme(':443', ':80')])))
  return { origin, host: byScheme(without(':443/'), without(':80/')), port: Token.asNumber(port) }
}

/** The front takes its routes from its environment or from the file in its image; an empty value counts as absent. */
function routes(stack: Stack, origin: string, paths: string) {
  const { valueAsString } = new CfnParameter(stack, 'RoutesInImage', {
    description:
      'true: the image has gatehouse.config.ts, and BackendOrigin is where it has its logins; BackendPaths does not count then',
    default: 'false',
    allowedValues: ['true', 'false'],
  })
  const { logicalId } = new CfnCondition(stack, 'HasRoutes', {
    expression: Fn.conditionEquals(valueAsString, 'true'),
  })
  const unlessInImage = (value: string) => Fn.conditionIf(logicalId, '', value).toString()
  return { BACKEND_ORIGIN: unlessInImage(origin), BACKEND_PATHS: unlessInImage(paths) }
}

function parameters(stack: Stack): Settings {
  const text = (
    id: string,
    description: string,
    props: { type?: string; default?: string; allowedPattern?: string } = {},
  ) => new CfnParameter(stack, id, { description, ...props }).valueAsString
  const whole = (id: string, description: string, initial: number, minValue = 1) =>
    new CfnParameter(stack, id, { type: 'Number', description, default: initial, minValue }).valueAsNumber
  const each = (id: string, description: string, type: string) =>
    [1, 2].map(index => text(`${id}${index}`, `${description}, in zone ${index} of two`, { type }))
  const vpcId = text('VpcId', 'The VPC that the private API is in or can be reached from', {
    type: 'AWS::EC2::VPC::Id',
  })
  const publicSubnetIds = each('PublicSubnetId', 'For the public ALB', 'AWS::EC2::Subnet::Id')
  const privateSubnetIds = each('PrivateSubnetId', 'For the tasks', 'AWS::EC2::Subnet::Id')
  const range = { allowedPattern: '^[0-9.]+/[0-9]{1,2}$' }
  const proxies = [1, 2].map(index =>
    text(
      `PublicSubnetRange${index}`,
      `IPv4 range of PublicSubnetId${index}: its X-Forwarded-For is believed`,
      range,
    ),
  )
  const origin = text(
    'BackendOrigin',
    'Where the API is: https://api.dev.jp, or with a port; in lower case, without a path',
    {
      allowedPattern: '^https?://[a-z0-9.-]+(:[0-9]+)?$',
    },
  )
  const paths = text('BackendPaths', 'Paths sent to the API, comma separated', { default: '/user/login' })
  const task = size(stack)
  return {
    name: text('Name', 'What the cluster, the service and the alarms are called', {
      default: 'gatehouse',
      allowedPattern: '^[a-z][a-z0-9-]{1,23}$',
    }),
    environmentName: text('EnvironmentName', "The metrics' dimension Environment", {
      default: 'production',
      allowedPattern: '^[A-Za-z0-9_-]{1,64}$',
    }),
    loadBalancer: { use: 'new', idleSeconds: IDLE_SECONDS, clients: [] },
    dualStack: false,
    protection: true,
    account: Aws.ACCOUNT_ID,
    region: Aws.REGION,
    network: { use: 'existing', vpcId, publicSubnetIds, privateSubnetIds, proxies },
    certificate: {
      use: 'arn',
      arn: text('CertificateArn', 'Certificate in ACM for the public ALB, of this region'),
    },
    image: {
      use: 'ecr',
      uri: {
        account: Aws.ACCOUNT_ID,
        region: Aws.REGION,
        name: text('ImageRepository', 'ECR repository of this account and region', { default: 'gatehouse' }),
        version: text('ImageTag', 'Tag of the image; better one that is never moved'),
      },
    },
    backend: {
      origin: originOf(stack, origin),
      // the environment below has both
      routesInImage: true,
      securityGroupId: text('BackendSecurityGroupId', 'Security group of the private ALB', {
        type: 'AWS::EC2::SecurityGroup::Id',
      }),
      ranges: [],
      addIngressRule: false,
    },
    task: {
      ...task,
      architecture: architecture(stack),
      startSeconds: startSeconds(stack),
      writable: [],
      spot: false,
      securityGroupIds: [],
      policies: [],
    },
    scaling: {
      min: whole(
        'LeastTasks',
        'What autoscaling keeps, two or more for two zones; a new service begins with one task',
        2,
        2,
      ),
      max: whole('MostTasks', 'At most so many', 10, 2),
      requestsPerTask: whole(
        'RequestsPerTask',
        'Requests a minute for one task; above it there will be more tasks',
        3000,
      ),
      cpuPercent: 60,
    },
    deployment: { strategy: 'rolling', bakeMinutes: 0 },
    environment: {
      ...routes(stack, origin, paths),
      PUBLIC_ORIGIN: text(
        'PublicOrigin',
        'Where visitors reach the site: https://www.dev.jp, or several, comma separated; set it in production',
        { default: '' },
      ),
      LOG_LEVEL: text('LogLevel', 'debug, info or warn; with error requests that failed are not logged', {
        default: 'info',
      }),
    },
    secrets: {},
    sidecars: [],
    adminClients: [],
    reach: [],
    logs: { days: 30, accessDays: 90 },
    alarms: {
      emails: [text('AlarmEmail', 'Who hears of alarms; AWS asks there for consent first')],
      loginP99Ms: 2000,
      failedPercent: 5,
      leastFailed: 5,
      leastTries: 3,
      docs: text(
        'Docs',
        'Where docs/ of this repository is: https://git.dev.jp/web/gatehouse/docs; links in alarms begin with it',
        {
          default: 'docs',
        },
      ),
    },
    exec: false,
  }
}

function architecture(stack: Stack): string {
  return new CfnParameter(stack, 'Architecture', {
    description: 'What the image was built for: linux/amd64 (X86_64) or linux/arm64 (ARM64)',
    default: 'X86_64',
    allowedValues: ['X86_64', 'ARM64'],
  }).valueAsString
}

function startSeconds(stack: Stack): number {
  return new CfnParameter(stack, 'StartSeconds', {
    type: 'Number',
    description:
      'So long a task that starts is not ended for a health check that fails: Gatehouse listens when its pages are ready',
    default: START_SECONDS,
    minValue: 0,
    maxValue: MOST_START_SECONDS,
  }).valueAsNumber
}

/** By the parameter Size: looked up when the stack is made. */
function size(stack: Stack) {
  const { valueAsString } = new CfnParameter(stack, 'Size', {
    description: 'small: 0.25 vCPU, 512 MB; medium: 0.5 vCPU, 1 GB; large: 1 vCPU, 2 GB (docs/ecs.md)',
    default: 'medium',
    allowedValues: Object.keys(SIZES),
  })
  const { logicalId } = new CfnMapping(stack, 'Sizes', { mapping: SIZES })
  const find = (key: string) => Fn.findInMap(logicalId, valueAsString, key)
  return { cpu: Token.asNumber(find('cpu')), memory: Token.asNumber(find('memory')) }
}
