import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { z } from 'zod'
import { bodyOf, Container, parsed, read, resources } from '../test/terraform.ts'
import { ADMIN_PORT } from './load-balancer.ts'

test('the admin listener is opened as the construct does it: with a token alone, at its port, for groups that are named', () => {
  const { environment } = Container.parse(Object.assign({}, ...parsed.flatMap(({ locals }) => locals)))
  assert.match(
    environment,
    /contains\(keys\(var\.secrets\), "ADMIN_TOKEN"\) \? \{ ADMIN_HOST = "0\.0\.0\.0" \}/,
  )
  const { lifecycle, ...rule } = bodyOf('aws_vpc_security_group_ingress_rule', 'admin')
  assert.match(JSON.stringify(lifecycle), /precondition.*contains\(keys\(var\.secrets\), \\"ADMIN_TOKEN\\"\)/)
  assert.equal(rule.from_port, `\${local.admin_port}`)
  for (const key of ['referenced_security_group_id', 'cidr_ipv4'])
    assert.match(String(rule[key]), /startswith\(var\.admin_clients\[count\.index\], "sg-"\)/)
  const [port] = parsed.flatMap(({ locals }) => locals.flatMap(each => each.admin_port ?? []))
  assert.equal(port, ADMIN_PORT)
})

test('the tasks reach what the construct lets them reach: the API, AWS, `reach` and a resolver of one’s own', () => {
  const rules = resources
    .filter(({ type }) => type === 'aws_vpc_security_group_egress_rule')
    .map(({ name, body }) => [name, body.count, body.from_port])
  assert.deepEqual(rules, [
    ['aws', undefined, 443],
    ['backend', `\${length(var.backend_security_group_ids)}`, `\${local.backend_port}`],
    ['backend_range', `\${length(var.backend_ranges)}`, `\${local.backend_port}`],
    ['reach', `\${length(var.reach)}`, `\${var.reach[count.index].port}`],
    [
      'resolver',
      `\${2 * length(local.own_resolvers)}`,
      `\${local.own_resolvers[floor(count.index / 2)].port}`,
    ],
  ])
})

test('an origin at another port than 443 needs a group or a range, or stands in reach, as in the settings file: no task would reach it', () => {
  const { lifecycle } = bodyOf('aws_security_group', 'tasks')
  assert.match(
    JSON.stringify(lifecycle),
    /local\.backend_port == 443 \|\| length\(var\.backend_security_group_ids\) \+ length\(var\.backend_ranges\) > 0 \|\| contains\(var\.reach\[\*\]\.port, local\.backend_port\)/,
  )
})

test('the execution role pulls from the repository of the image alone', () => {
  const { repository } = z
    .looseObject({ repository: z.string() })
    .parse(Object.assign({}, ...parsed.flatMap(({ locals }) => locals)))
  const [, pattern = ''] = /regex\("([^"]+)"/.exec(repository) ?? []
  const parts = (image: string) => RegExp(pattern).exec(image)?.slice(1)
  const registry = '111122223333.dkr.ecr.ap-northeast-1.amazonaws.com'
  const ours = ['111122223333', 'ap-northeast-1', 'team/gatehouse']
  assert.deepEqual(parts(`${registry}/team/gatehouse:1.0.0`), ours)
  assert.deepEqual(parts(`${registry}/team/gatehouse@sha256:00ff`), ours)
  assert.equal(parts('docker.io/library/node:26'), undefined)
  assert.match(
    read('roles.tf'),
    /:ecr:\$\{local\.repository\[1\]\}:\$\{local\.repository\[0\]\}:repository\/\$\{local\.repository\[2\]\}"/,
  )
})

test('no outbound rule is there twice, which AWS refuses; resolvers are found as the construct finds them', () => {
  const { lifecycle } = bodyOf('aws_vpc_security_group_egress_rule', 'reach')
  assert.match(JSON.stringify(lifecycle), /length\(distinct\(local\.reached\)\) == length\(local\.reached\)/)
  const { own_resolvers: own } = z
    .looseObject({ own_resolvers: z.string() })
    .parse(Object.assign({}, ...parsed.flatMap(({ locals }) => locals)))
  assert.match(own, /^\$\{distinct\(/)
  const [, pattern = ''] = /regexall\("([^"]+)"/.exec(own) ?? []
  const construct = readFileSync(new URL('security-group.ts', import.meta.url), 'utf8')
  assert.ok(pattern && construct.includes(`/${pattern.replaceAll('\\\\', '\\')}/g`), pattern)
})
