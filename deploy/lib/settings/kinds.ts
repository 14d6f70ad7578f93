import { z } from 'zod'
import { isRange } from '../parse.ts'

/** A message says what is accepted: it ends a line `name is "value"; accepted: …`. */
export const text = (accepts: string, pattern: RegExp) => z.string({ error: accepts }).regex(pattern, accepts)
export const parsed = <T>(accepts: string, parse: (text: string) => T | undefined) =>
  z.string({ error: accepts }).transform((value, context): T => {
    const result = parse(value)
    if (result !== undefined) return result
    context.addIssue({ code: 'custom', message: accepts })
    return z.NEVER
  })
export const whole = (least: number, most: number) => {
  const error = `a whole number from ${least} to ${most}`
  return z.int({ error }).min(least, error).max(most, error)
}
export const flag = () => z.boolean({ error: 'true or false' })
const idPattern = (kind: string) => RegExp(`^${kind}-([0-9a-f]{8}|[0-9a-f]{17})$`)
export const id = (kind: string) => text(`an id such as ${kind}-0123456789abcdef0`, idPattern(kind))
export const domain = (example: string) => text(`a name such as ${example}`, /^([a-z0-9-]+\.)+[a-z]{2,}$/)
export const range = () =>
  parsed('an IPv4 range such as 10.0.0.0/24', value => (isRange(value) ? value : undefined))
/** Who may reach something: a security group or a range. */
export const client = () =>
  parsed('a security group or an IPv4 range: sg-0123456789abcdef0, 10.0.0.0/24', value =>
    idPattern('sg').test(value) || isRange(value) ? value : undefined,
  )
export const list = <T extends z.ZodType>(item: T, least: number, accepts: string) =>
  z.array(item, { error: accepts }).min(least, accepts)
export const oneOf = <const T extends readonly [string, ...string[]]>(...names: T) =>
  z.enum(names, { error: names.join(' or ') })
export const either = (a: string, b: string) => ({ error: `an object with "use": "${a}" or "use": "${b}"` })

export const NAME = /^[A-Za-z_]\w*$/
const KEY = /^arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/
const SECRET =
  /^arn:aws[\w-]*:(secretsmanager:[\w-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}(#[\w.-]+)?|ssm:[\w-]+:\d{12}:parameter\/[\w./-]+)$/

export const key = () => text('the ARN of a KMS key: arn:aws:kms:…:key/…', KEY)
export const secretsByName = () =>
  z.record(
    z.string().regex(NAME),
    text(
      'an ARN: arn:aws:secretsmanager:…:secret:name-AbCdEf, with #field for JSON, or arn:aws:ssm:…:parameter/name',
      SECRET,
    ),
  )
