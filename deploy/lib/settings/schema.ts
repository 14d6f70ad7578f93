import { z } from 'zod'
import { CPU_SIZES, ecrImage, memoryMistake, parseOrigin } from '../parse.ts'
import { MOST_START_SECONDS, START_SECONDS } from '../times.ts'
import {
  client,
  domain,
  either,
  flag,
  id,
  key,
  oneOf,
  parsed,
  range,
  secretsByName,
  text,
  whole,
} from './kinds.ts'
import { AtListener, Environment, Existing, New, NewBalancer, Sidecar, Statement } from './parts.ts'

/** What CloudWatch Logs keeps. */
const DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 3653]
const CERTIFICATE = /^arn:aws[\w-]*:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/

/** Every setting of a settings file; docs/ecs.md has them as a table. */
export const Parts = z.strictObject({
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
    .prefault({ use: 'new' }),
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
      /** whether gatehouse.config.ts in the image says it: the front takes one of them */
      routesInImage: flag().default(false),
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
      /** so long a task that starts is not ended for a health check that fails */
      startSeconds: whole(0, MOST_START_SECONDS).default(START_SECONDS),
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
  /**
   * security groups and ranges that read the admin listener over the network, at port 4001: a Prometheus elsewhere, a bastion, a VPN. With
   * `secrets.ADMIN_TOKEN`
   */
  adminClients: z.array(client(), { error: 'a list' }).default([]),
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
