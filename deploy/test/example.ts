import { readFileSync } from 'node:fs'
import { App, type Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import flags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' }
import { readSettings, type Settings } from '../lib/settings.ts'
import { createStack } from '../lib/stack.ts'

// CDK checks each template against CloudFormation's schemas, half of the time of a test: valid.test.ts lets it, for all of them
process.env.CDK_VALIDATION = 'false'

export const DOCS = 'https://git.dev.jp/web/gatehouse/docs'

type Changes = Readonly<Record<string, unknown>>

const EXAMPLE: Changes = JSON.parse(
  readFileSync(new URL('../settings/example.json', import.meta.url), 'utf8'),
)

/** The example's settings with some of them changed; what is undefined is left out. */
export const settingsWith = (changes: Changes = {}): Settings =>
  readSettings(JSON.stringify({ ...EXAMPLE, ...changes }), 'test.json')

/** The mistakes in them, a line each. */
export function mistakesIn(changes: Changes): string[] {
  try {
    settingsWith(changes)
  } catch (error) {
    return String(error)
      .split('\n')
      .slice(1)
      .map(line => line.trim())
  }
  return []
}

export function stackWith(changes: Changes = {}) {
  const app = new App({ context: flags })
  // without an address for mails and for the runbook each synthesis prints a warning
  const alarms = { emails: ['ops@dev.jp'], docs: DOCS }
  return { app, stack: createStack(app, settingsWith({ alarms, ...changes })) }
}

export const templateWith = (changes: Changes = {}): Template => Template.fromStack(stackWith(changes).stack)

const stacks = new Map<string, Stack>()
const templates = new Map<string, Template>()

/** The stack of a variant; made once, for each takes a second. */
export function variantStack(name: keyof typeof VARIANTS): Stack {
  const stack = stacks.get(name) ?? stackWith(VARIANTS[name]).stack
  stacks.set(name, stack)
  return stack
}

export function variant(name: keyof typeof VARIANTS): Template {
  const template = templates.get(name) ?? Template.fromStack(variantStack(name))
  templates.set(name, template)
  return template
}

export const variants = () => Object.keys(VARIANTS).map(variant)

const backend = { origin: 'https://api.dev.jp:8443', securityGroupId: 'sg-0c000000000000001' }
const NETWORK = {
  use: 'existing',
  vpcId: 'vpc-0123456789abcdef0',
  privateSubnetIds: ['subnet-0b000000000000001', 'subnet-0b000000000000002'],
  proxies: ['10.0.0.0/24', '10.0.1.0/24'],
}
const parameter = 'arn:aws:ssm:ap-northeast-1:111122223333:parameter/gatehouse/api-key'
const key = 'arn:aws:kms:ap-northeast-1:111122223333:key/01234567-89ab-cdef-0123-456789abcdef'
const secret = 'arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:gatehouse-AbCdEf'

/** Every option at least once. */
export const VARIANTS: Readonly<Record<string, Changes>> = {
  'the example': {},
  'a new VPC with endpoints and without NAT': {
    network: {
      use: 'new',
      cidr: '10.20.0.0/16',
      zones: ['ap-northeast-1a', 'ap-northeast-1c'],
      natGateways: 0,
      endpoints: true,
    },
    secrets: { LIMIT_STORE: secret },
    exec: true,
  },
  'a new VPC with NAT': {
    network: { use: 'new', cidr: '10.20.0.0/16', zones: ['ap-northeast-1a', 'ap-northeast-1c'] },
    certificate: {
      use: 'dns',
      domain: 'www.dev.jp',
      hostedZoneId: 'Z0123456789ABCDEFGHIJ',
      hostedZoneName: 'dev.jp',
    },
  },
  'blue/green': { deployment: { strategy: 'blue-green' }, backend: { ...backend, addIngressRule: true } },
  'a listener and a cluster that exist': {
    environment: undefined,
    network: NETWORK,
    certificate: undefined,
    loadBalancer: {
      use: 'existing',
      listenerArn:
        'arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2',
      securityGroupId: 'sg-0e000000000000001',
      priority: 100,
      hosts: ['www.dev.jp'],
    },
    cluster: 'web',
    backend: { origin: 'http://10.0.8.10:8080', ranges: ['10.0.8.0/24'] },
  },
  'arm64 on Spot, dual-stack': {
    task: { architecture: 'arm64', spot: true },
    dualStack: true,
    environmentName: 'staging',
    backend: { origin: 'https://api.dev.jp' },
  },
  'one task on Spot, for development': {
    task: { spot: true },
    scaling: { min: 1, max: 1 },
    protection: false,
  },
  'a sidecar, a parameter and a key': {
    task: {
      memory: 2048,
      securityGroupIds: ['sg-0f000000000000001'],
      policies: [{ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::pictures/cat.jpg'] }],
    },
    secrets: { LIMIT_STORE: `${secret}#url`, API_KEY: parameter, ADMIN_TOKEN: secret },
    secretsKeyArn: key,
    sidecars: [
      {
        name: 'adot',
        image: 'public.ecr.aws/aws-observability/aws-otel-collector:v0.43.0',
        memory: 256,
        command: ['--config=/etc/ecs/ecs-default-config.yaml'],
        secrets: { OTEL_TOKEN: parameter },
      },
    ],
    adminClients: ['sg-0a100000000000001', '10.0.9.0/24'],
  },
  'everything else': {
    task: {
      cpu: 256,
      memory: 512,
      architecture: 'arm64',
      startSeconds: 240,
      writable: ['/app/.next/standalone/.next/cache'],
    },
    environment: {
      STOP_DELAY: '10s',
      DNS_SERVERS: '10.0.0.2, 10.0.0.2:53,10.0.0.3:8600, ::ffff:10.0.0.9,169.254.169.253',
    },
    secrets: { LIMIT_STORE: `${secret}#url` },
    reach: [{ securityGroupId: 'sg-0d000000000000001', port: 6379 }],
    logs: {
      days: 365,
      kmsKeyArn: 'arn:aws:kms:ap-northeast-1:111122223333:key/01234567-89ab-cdef-0123-456789abcdef',
    },
    alarms: { emails: ['ops@dev.jp'], docs: DOCS },
    exec: true,
  },
}
