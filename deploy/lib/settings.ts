import { z } from 'zod'
import { CPU_SIZES, ecrImage, isRange, memoryMistake, parseOrigin } from './parse.ts'
import { timeMistakes } from './times.ts'

/** A message says what is accepted: it ends a line `name is "value"; accepted: …`. */
const text = (accepts: string, pattern: RegExp) => z.string({ error: accepts }).regex(pattern, accepts)
const parsed = <T>(accepts: string, parse: (text: string) => T | undefined) =>
  z.string({ error: accepts }).transform((value, context): T => {
    const result = parse(value)
    if (result !== undefined) return result
    context.addIssue({ code: 'custom', message: accepts })
    return z.NEVER
  })
const whole = (least: number, most: number) => {
  const error = `a whole number from ${least} to ${most}`
  return z.int({ error }).min(least, error).max(most, error)
}
const flag = () => z.boolean({ error: 'true or false' })
const id = (kind: string) =>
  text(`an id such as ${kind}-0123456789abcdef0`, RegExp(`^${kind}-([0-9a-f]{8}|[0-9a-f]{17})$`))
const domain = (example: string) => text(`a name such as ${example}`, /^([a-z0-9-]+\.)+[a-z]{2,}$/)
const range = () => parsed('an IPv4 range such as 10.0.0.0/24', value => (isRange(value) ? value : undefined))
const list = <T extends z.ZodType>(item: T, least: number, accepts: string) =>
  z.array(item, { error: accepts }).min(least, accepts)
const oneOf = <const T extends readonly [string, ...string[]]>(...names: T) =>
  z.enum(names, { error: names.join(' or ') })
const either = (a: string, b: string) => ({ error: `an object with "use": "${a}" or "use": "${b}"` })

/** MiB that the front keeps beside its sidecars: the smallest task that works (docs/ecs.md, sizes). */
const LEAST_FRONT_MEMORY = 400

/** What CloudWatch Logs keeps. */
const DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 3653]

/** What other settings, or this stack itself, say: a second place could only contradict. */
const SET_ELSEWHERE: Readonly<Record<string, string>> = {
  BACKEND_ORIGIN: 'set by backend.origin',
  TRUSTED_PROXIES: 'set by network.proxies, or the new VPC',
  HOST: 'not set: a task listens on all of its addresses',
  PORT: 'not set: the target group asks port 4000',
  SERVICE_NAME: 'set by name',
  SERVICE_ENVIRONMENT: 'set by environmentName',
  METRICS: 'not set: the alarms need emf',
}

const IN_SECRETS = 'set under secrets: it has a password in it'
const NAME = /^[A-Za-z_]\w*$/
const CERTIFICATE = /^arn:aws[\w-]*:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/
const KEY = /^arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/
const LISTENER = /^arn:aws[\w-]*:elasticloadbalancing:[\w-]+:\d{12}:listener\/app(\/[\w-]+){3}$/
const SECRET =
  /^arn:aws[\w-]*:(secretsmanager:[\w-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}(#[\w.-]+)?|ssm:[\w-]+:\d{12}:parameter\/[\w./-]+)$/
const IMAGE = /^[\w.-]+(:\d+)?(\/[\w.-]+)*(:[\w.-]+|@sha256:[0-9a-f]{64})$/

const key = () => text('the ARN of a KMS key: arn:aws:kms:…:key/…', KEY)
const secretsByName = () =>
  z.record(
    z.string().regex(NAME),
    text(
      'an ARN: arn:aws:secretsmanager:…:secret:name-AbCdEf, with #field for JSON, or arn:aws:ssm:…:parameter/name',
      SECRET,
    ),
  )

const Environment = z
  .record(z.string(), z.string({ error: 'a text, in quotes' }))
  .superRefine((environment, context) => {
    const unusual = Object.keys(environment)
      .filter(name => !NAME.test(name))
      .map(name => ({ name, accepts: 'under a name of letters, digits and _' }))
    const elsewhere = Object.entries(SET_ELSEWHERE)
      .filter(([name]) => name in environment)
      .map(([name, accepts]) => ({ name, accepts }))
    if (environment.LIMIT_STORE?.includes('@')) elsewhere.push({ name: 'LIMIT_STORE', accepts: IN_SECRETS })
    for (const { name, accepts } of [...unusual, ...elsewhere, ...timeMistakes(environment)])
      context.addIssue({ code: 'custom', path: [name], message: accepts })
  })

const Existing = z.strictObject({
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

const New = z
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

const NewBalancer = z.strictObject({ use: z.literal('new') })
const AtListener = z.strictObject({
  use: z.literal('existing'),
  listenerArn: text("the ARN of an ALB's listener: arn:aws:elasticloadbalancing:…:listener/app/…", LISTENER),
  /** of the ALB: from it the tasks accept requests */
  securityGroupId: id('sg'),
  priority: whole(1, 50_000),
  hosts: z.array(domain('www.dev.jp'), { error: 'a list' }).default([]),
  paths: z.array(text('a path such as /*', /^\/\S*$/), { error: 'a list' }).default([]),
})

/** Another container of the task. */
const Sidecar = z.strictObject({
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

const Statement = z.strictObject({
  actions: list(text('an action such as s3:GetObject', /^[a-z0-9-]+:[A-Za-z*]+$/), 1, 'actions of IAM'),
  resources: list(text('an ARN', /^(arn:\S+|\*)$/), 1, 'ARNs'),
})

const Parts = z.strictObject({
  name: text('a name of lower-case letters, digits and hyphens', /^[a-z][a-z0-9-]{1,23}$/).default(
    'gatehouse',
  ),
  /** the metrics' dimension Environment, so that two environments of one name have series of their own */
  environmentName: text('a name such as production', /^[\w-]{1,64}$/).default('production'),
  account: text('the 12 digits of the AWS account', /^\d{12}$/),
  region: text('a region such as ap-northeast-1', /^[a-z]+(-[a-z]+)+-\d$/),
  network: z.discriminatedUnion('use', [Existing, New], either('existing', 'new')),
  /** `new`: a public ALB of its own; `existing`: a rule at a listener */
  loadBalancer: z
    .discriminatedUnion('use', [NewBalancer, AtListener], either('new', 'existing'))
    .default({ use: 'new' }),
  /** a cluster that exists, by its name; otherwise a new one is made */
  cluster: text('the name of a cluster that exists', /^[\w-]{1,255}$/).optional(),
  /** IPv6 beside IPv4 */
  dualStack: flag().default(false),
  /** termination protection of the stack and deletion protection of its ALB: off for the first deployment alone */
  protection: flag().default(true),
  certificate: z
    .discriminatedUnion(
      'use',
      [
        z.strictObject({
          use: z.literal('arn'),
          arn: text('the ARN of a certificate in ACM: arn:aws:acm:…:certificate/…', CERTIFICATE),
        }),
        z
          .strictObject({
            use: z.literal('dns'),
            domain: domain('www.dev.jp'),
            hostedZoneId: text('an id such as Z0123456789ABCDEFGHIJ', /^Z[A-Z0-9]+$/),
            hostedZoneName: domain('dev.jp'),
          })
          .refine(({ domain, hostedZoneName }) => `.${domain}`.endsWith(`.${hostedZoneName}`), {
            path: ['domain'],
            error: 'a name in the hosted zone',
          }),
      ],
      either('arn', 'dns'),
    )
    .optional(),
  image: z.discriminatedUnion(
    'use',
    [
      z.strictObject({ use: z.literal('build') }),
      z.strictObject({
        use: z.literal('ecr'),
        uri: parsed('the URI of an image in ECR, with tag or digest', ecrImage),
      }),
    ],
    either('build', 'ecr'),
  ),
  backend: z.strictObject(
    {
      origin: parsed('where the API is, without a path: https://api.dev.jp', parseOrigin),
      /** of the private ALB; the tasks may reach it at the origin's port */
      securityGroupId: id('sg').optional(),
      /** where it has no security group of its own (an NLB, another network): the ranges that it is in */
      ranges: z.array(range(), { error: 'a list' }).default([]),
      /** whether this stack also opens that group for the tasks; otherwise its owner does */
      addIngressRule: flag().default(false),
    },
    { error: 'an object with "origin", and "securityGroupId" or "ranges"' },
  ),
  task: z
    .strictObject({
      cpu: z.literal(CPU_SIZES, { error: CPU_SIZES.join(', ') }).default(512),
      memory: whole(512, 30_720).default(1024),
      architecture: oneOf('x86_64', 'arm64')
        .default('x86_64')
        // a template has a parameter there
        .transform((name): string => name),
      /** folders that an app writes to; Gatehouse itself writes nowhere */
      writable: z.array(text('an absolute path', /^(\/[\w.-]+)+$/), { error: 'a list' }).default([]),
      /** all tasks but one on Fargate Spot; a service of one task is all on Spot */
      spot: flag().default(false),
      /** groups of yours that the tasks have besides their own */
      securityGroupIds: z.array(id('sg'), { error: 'a list' }).default([]),
      /** what the app may do in AWS: statements of the task role */
      policies: z.array(Statement, { error: 'a list' }).default([]),
    })
    .superRefine(({ cpu, memory }, context) => {
      const message = memoryMistake(cpu, memory)
      if (message) context.addIssue({ code: 'custom', path: ['memory'], message })
    })
    .prefault({}),
  scaling: z
    .strictObject({
      /** in two zones at least two, or a zone that fails takes the front with it; 1 and 1: one task, for development */
      min: whole(1, 1000).default(2),
      max: whole(1, 1000).default(10),
      requestsPerTask: whole(1, 1_000_000).default(3000),
      cpuPercent: whole(10, 90).default(60),
    })
    .refine(({ min, max }) => min <= max, { path: ['max'], error: 'at least min' })
    .prefault({}),
  deployment: z
    .strictObject({
      strategy: oneOf('rolling', 'blue-green').default('rolling'),
      /** minutes that both versions stay after the switch: so long a way back takes seconds */
      bakeMinutes: whole(0, 1440).default(10),
    })
    .prefault({}),
  /** Gatehouse's own settings and the app's */
  environment: Environment.default({}),
  /** by the name of the variable: the ARN of a secret in Secrets Manager, with `#field` where it is JSON, or of a parameter in SSM */
  secrets: secretsByName().default({}),
  /** the customer-managed key that they are encrypted with; default: AWS' own, which needs no right */
  secretsKeyArn: key().optional(),
  /** other containers of the task; they share its loopback with the front */
  sidecars: z.array(Sidecar, { error: 'a list' }).default([]),
  /** security groups that read the admin listener over the network, at port 4001: a Prometheus elsewhere, say */
  adminClients: z.array(id('sg'), { error: 'a list' }).default([]),
  /** what else the tasks reach inside the VPC: the Valkey of LIMIT_STORE, say */
  reach: z
    .array(z.strictObject({ securityGroupId: id('sg'), port: whole(1, 65_535) }), { error: 'a list' })
    .default([]),
  logs: z
    .strictObject({
      days: z.literal(DAYS, { error: DAYS.join(', ') }).default(30),
      kmsKeyArn: key().optional(),
      /** how long the public ALB's access logs stay in S3 */
      accessDays: whole(1, 3650).default(90),
    })
    .prefault({}),
  alarms: z
    .strictObject({
      /** without one the alarms go to nobody, and the synthesis warns of it */
      emails: z.array(z.email({ error: 'an e-mail address' }), { error: 'a list' }).default([]),
      loginP99Ms: whole(10, 60_000).default(2000),
      /** of the logins, pages or calls to the API of 5 minutes: such a share, and so many in number */
      failedPercent: whole(1, 100).default(5),
      leastFailed: whole(1, 100_000).default(5),
      /** so many logins of 5 minutes that all failed are enough, too */
      leastTries: whole(1, 100_000).default(3),
      /** where you keep docs/ of this repository: the links in alarms begin with it */
      docs: z
        .url({ protocol: /^https$/, error: 'a URL such as https://git.dev.jp/web/gatehouse/docs' })
        .optional(),
    })
    .prefault({}),
  exec: flag().default(false),
})

/** What only several settings together say. */
const Shape = Parts.superRefine((settings, context) => {
  const { environment, secrets, loadBalancer, network, certificate, backend, task, sidecars } = settings
  const mistake = (path: (string | number)[], message: string) =>
    context.addIssue({ code: 'custom', path, message })
  for (const name of Object.keys(secrets).filter(each => each in environment))
    mistake(['secrets', name], 'not in environment, too')
  if (loadBalancer.use === 'new' && certificate === undefined)
    mistake(['certificate'], 'an object with "use": "arn" or "use": "dns"; none with "loadBalancer" existing')
  if (loadBalancer.use === 'existing' && certificate !== undefined)
    mistake(['certificate'], 'not set: the listener that exists has its own')
  if (loadBalancer.use === 'existing' && loadBalancer.hosts.length + loadBalancer.paths.length === 0)
    mistake(
      ['loadBalancer', 'hosts'],
      'a host or a path at least: which requests at the listener are for this service',
    )
  if (loadBalancer.use === 'new' && network.use === 'existing' && network.publicSubnetIds.length === 0)
    mistake(['network', 'publicSubnetIds'], 'subnets of two zones or more: for the public ALB')
  if (backend.securityGroupId === undefined && backend.ranges.length === 0 && backend.origin.port !== 443)
    mistake(['backend', 'securityGroupId'], 'set, or ranges: else no task reaches that port')
  if (backend.securityGroupId === undefined && backend.addIngressRule)
    mistake(['backend', 'addIngressRule'], 'false without securityGroupId')
  const left = sidecars.reduce((rest, { memory }) => rest - memory, task.memory)
  if (left < LEAST_FRONT_MEMORY)
    mistake(
      ['sidecars'],
      `at most ${task.memory - LEAST_FRONT_MEMORY} MiB of memory together, beside task.memory ${task.memory}`,
    )
  const names = sidecars.map(({ name }) => name)
  if (new Set(names).size < names.length) mistake(['sidecars'], 'a name for each')
})

export type Settings = Readonly<z.output<typeof Shape>>

/** Stops the synthesis; `message` lists every mistake, a line each. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

/**
 * Reads a settings file.
 * @param file what to call it
 * @throws SettingsError with all mistakes: name, value seen, what is accepted
 */
export function readSettings(json: string, file: string): Settings {
  const given = parseJson(json, file)
  const { success, data, error } = Shape.safeParse(given)
  if (success) return data
  const mistakes = error.issues.flatMap(issue => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map(key => `${[...issue.path, key].join('.')} is not a setting`)
    if (issue.code === 'invalid_key')
      return `${issue.path.join('.')} is no name; accepted: letters, digits and _`
    const value = valueAt(given, issue.path)
    return `${issue.path.join('.')} is ${describeValue(value)}; accepted: ${issue.message}`
  })
  const count = mistakes.length === 1 ? '1 mistake' : `${mistakes.length} mistakes`
  throw new SettingsError(`${file}: ${count}\n${mistakes.map(each => `  ${each}`).join('\n')}`)
}

/** What may be a password stays in the file. */
const describeValue = (value: unknown) =>
  value === undefined ? 'not set' : JSON.stringify(value).replace(/:[^"]*@/g, ':…@')

function parseJson(json: string, file: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new SettingsError(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const valueAt = (given: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    given,
  )
