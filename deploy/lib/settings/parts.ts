import { z } from 'zod'
import { isRange } from '../parse.ts'
import { IDLE_SECONDS, timeMistakes } from '../times.ts'
import { domain, flag, id, list, NAME, parsed, range, secretsByName, text, whole } from './kinds.ts'

/** What other settings, or this stack itself, say: a second place could only contradict. */
export const SET_ELSEWHERE: Readonly<Record<string, string>> = {
  BACKEND_ORIGIN: 'set by backend.origin',
  TRUSTED_PROXIES: 'set by network.proxies, or the new VPC',
  HOST: 'not set: a task listens on all of its addresses',
  PORT: 'not set: the target group asks port 4000',
  SERVICE_NAME: 'set by name',
  SERVICE_ENVIRONMENT: 'set by environmentName',
  METRICS: 'not set: the alarms need emf',
  ADMIN_TOKEN: 'set under secrets: who has it reads the status page',
  ADMIN_PORT: 'not set: the security group opens 4001',
}

const IN_SECRETS = 'set under secrets: it has a password in it'
/** Each is a secret, or may have one in it: a mistake does not show its value. */
export const HIDDEN: readonly unknown[] = ['ADMIN_TOKEN', 'CLIENT_ADDRESS_PROOF']
const LISTENER = /^arn:aws[\w-]*:elasticloadbalancing:[\w-]+:\d{12}:listener\/app(\/[\w-]+){3}$/
const IMAGE = /^[\w.-]+(:\d+)?(\/[\w.-]+)*(:[\w.-]+|@sha256:[0-9a-f]{64})$/

export const Environment = z
  .record(z.string(), z.string({ error: 'a text, in quotes' }))
  .superRefine((environment, context) => {
    const unusual = Object.keys(environment)
      .filter(name => !NAME.test(name))
      .map(name => ({ name, accepts: 'under a name of letters, digits and _' }))
    const elsewhere = Object.entries(SET_ELSEWHERE)
      .filter(([name]) => name in environment)
      .map(([name, accepts]) => ({ name, accepts }))
    const { LIMIT_STORE = '', CLIENT_ADDRESS_PROOF: proof = '' } = environment
    if (LIMIT_STORE.includes('@')) elsewhere.push({ name: 'LIMIT_STORE', accepts: IN_SECRETS })
    if (!/^\s*(network\s*)?$/.test(proof))
      elsewhere.push({ name: 'CLIENT_ADDRESS_PROOF', accepts: `network, or ${IN_SECRETS}` })
    for (const { name, accepts } of [...unusual, ...elsewhere, ...timeMistakes(environment)])
      context.addIssue({ code: 'custom', path: [name], message: accepts })
  })

export const Existing = z.strictObject({
  use: z.literal('existing'),
  vpcId: id('vpc'),
  /** for a new public ALB; a listener that exists has its own */
  publicSubnetIds: list(id('subnet'), 2, 'subnets of two zones or more: for the public ALB').default([]),
  privateSubnetIds: list(id('subnet'), 2, 'subnets of two zones or more: for the tasks'),
  proxies: list(range(), 1, "the public subnets' IPv4 ranges: whose X-Forwarded-For is believed"),
  endpoints: z
    .strictObject({ routeTableIds: list(id('rtb'), 1, "the private subnets' route tables") })
    .optional(),
})

export const New = z
  .strictObject({
    use: z.literal('new'),
    cidr: range(),
    zones: list(text('a zone such as ap-northeast-1a', /^[a-z]+(-[a-z]+)+-\d[a-z]$/), 2, 'two zones or more'),
    natGateways: whole(0, 6).default(2),
    endpoints: flag().default(false),
  })
  .refine(({ natGateways, endpoints }) => natGateways > 0 || endpoints, {
    path: ['natGateways'],
    error: '1 or more, or "endpoints": true: else no task could fetch its image',
  })

/** The ALB's idle timeout: of a new one it is set, of one that exists it is what that has. An ALB's deregistration delay is no longer. */
const idleSeconds = whole(1, 3600).default(IDLE_SECONDS)

export const NewBalancer = z.strictObject({
  use: z.literal('new'),
  idleSeconds,
  /** who reaches it, in place of everybody: CloudFront's managed prefix list, the ranges of an intranet */
  clients: z
    .array(
      parsed('a prefix list or an IPv4 range: pl-58a04531, 10.0.0.0/8', value =>
        /^pl-[0-9a-f]+$/.test(value) || isRange(value) ? value : undefined,
      ),
      { error: 'a list' },
    )
    .default([]),
})
export const AtListener = z.strictObject({
  use: z.literal('existing'),
  listenerArn: text("the ARN of an ALB's listener: arn:aws:elasticloadbalancing:…:listener/app/…", LISTENER),
  /** of the ALB: from it the tasks accept requests */
  securityGroupId: id('sg'),
  idleSeconds,
  priority: whole(1, 50_000),
  hosts: z.array(domain('www.dev.jp'), { error: 'a list' }).default([]),
  paths: z.array(text('a path such as /*', /^\/\S*$/), { error: 'a list' }).default([]),
})

/** Another container of the task. */
export const Sidecar = z.strictObject({
  name: text('a name of letters, digits, hyphens and _', /^[A-Za-z0-9_-]{1,255}$/).refine(
    name => name !== 'front',
    'another name: front is the container of Gatehouse',
  ),
  image: text(
    'an image with tag or digest: public.ecr.aws/aws-observability/aws-otel-collector:v0.43.0',
    IMAGE,
  ),
  memory: whole(64, 30_720),
  command: z.array(z.string(), { error: 'a list' }).default([]),
  environment: z.record(z.string().regex(NAME), z.string({ error: 'a text, in quotes' })).default({}),
  secrets: secretsByName().default({}),
  essential: flag().default(false),
  readOnlyRoot: flag().default(true),
})

export const Statement = z.strictObject({
  actions: list(text('an action such as s3:GetObject', /^[a-z0-9-]+:[A-Za-z*]+$/), 1, 'actions of IAM'),
  resources: list(text('an ARN', /^(arn:\S+|\*)$/), 1, 'ARNs'),
})
