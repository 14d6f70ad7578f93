import { readFileSync } from 'node:fs'
import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import flags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' }
import { readSettings, type Settings } from '../lib/settings.ts'
import { createStack } from '../lib/stack.ts'

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
  // without an address each synthesis prints a warning
  return { app, stack: createStack(app, settingsWith({ alarms: { emails: ['ops@dev.jp'] }, ...changes })) }
}

export const templateWith = (changes: Changes = {}): Template => Template.fromStack(stackWith(changes).stack)

const made = new Map<string, Template>()

/** The template of a variant; made once, for each takes a second. */
export function variant(name: keyof typeof VARIANTS): Template {
  const template = made.get(name) ?? templateWith(VARIANTS[name])
  made.set(name, template)
  return template
}

export const variants = () => Object.keys(VARIANTS).map(variant)

const backend = { origin: 'https://api.dev.jp:8443', securityGroupId: 'sg-0c000000000000001' }
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
  'everything else': {
    task: { cpu: 256, memory: 512, architecture: 'arm64', writable: ['/app/.next/standalone/.next/cache'] },
    environment: { STOP_DELAY: '10s', DNS_SERVERS: '10.0.0.2:53, 169.254.169.253' },
    secrets: { LIMIT_STORE: `${secret}#url` },
    reach: [{ securityGroupId: 'sg-0d000000000000001', port: 6379 }],
    logs: {
      days: 365,
      kmsKeyArn: 'arn:aws:kms:ap-northeast-1:111122223333:key/01234567-89ab-cdef-0123-456789abcdef',
    },
    alarms: { emails: ['ops@dev.jp'] },
    exec: true,
  },
}
