import { getServers } from 'node:dns'
import { confOf, createDns, createResolver, type DnsAnswer } from '../../lib/backend/resolver.ts'
import {
  candidatesOf,
  inHosts,
  type NameFiles,
  type ResolvConf,
  SYSTEM,
} from '../../lib/backend/system-names.ts'
import { describeError, systemErrorCode } from '../../lib/http/errors.ts'
import type { Config } from '../../lib/settings/settings.ts'
import { type Finding, took } from './report.ts'

/** What one resolver said when it was asked by itself. */
type Asked = { server: string; ms: number; answer?: DnsAnswer; error?: unknown }

/** It answered, if only that it knows no address. */
const isReachable = ({ answer, error }: Asked) =>
  answer !== undefined || systemErrorCode(error) === 'ENOTFOUND'

/** Looks the backend's name up as the front does, and asks every resolver by itself. */
export async function checkDns(
  config: Config,
  files: NameFiles = SYSTEM,
): Promise<{ findings: Finding[]; addresses: string[] }> {
  const { hostname } = config.BACKEND_ORIGIN
  const conf = await confOf(config.DNS_SERVERS, files)
  const servers = conf.servers.length > 0 ? conf.servers : getServers()
  const [answer, ...asked] = await Promise.all([
    createResolver(hostname, config.DNS_SERVERS, config.DNS_FAMILY, files)().catch(() => undefined),
    ...servers.map(each => ask(each, hostname, config.DNS_FAMILY, conf)),
  ])
  if (answer?.ttlMs === Number.POSITIVE_INFINITY) return withoutDns(hostname, answer)
  const addresses = [...new Set(asked.flatMap(each => each.answer?.addresses ?? []))]
  const resolvers = asked.map(each => ofResolver(each, asked.some(isReachable), config))
  const name = await ofName(asked, addresses, config, conf, await notInHosts(config, files))
  return { addresses, findings: [...resolvers, name] }
}

function withoutDns(hostname: string, { addresses, file }: DnsAnswer) {
  const why = file ? `${file} names ${hostname}, so DNS is not asked` : `${hostname} needs no DNS`
  const resolver: Finding = { check: 'resolver', result: 'skipped', says: why }
  const says = `${addresses.join(', ')}, ${file ? `from ${file}` : 'which needs no DNS'}`
  return { addresses: [...addresses], findings: [resolver, { check: 'name', result: 'ok', says } as const] }
}

/** What to say of the hosts file, when neither it nor DNS has an address. */
async function notInHosts({ BACKEND_ORIGIN, DNS_FAMILY }: Config, { hosts }: NameFiles): Promise<string> {
  const named = await inHosts(hosts, BACKEND_ORIGIN.hostname)
  return named.length > 0
    ? `${hosts} has only ${named.join(', ')}, and DNS_FAMILY is ${DNS_FAMILY}`
    : `${hosts} does not name it either`
}

async function ask(
  server: string,
  name: string,
  family: Config['DNS_FAMILY'],
  conf: ResolvConf,
): Promise<Asked> {
  const started = performance.now()
  const since = () => performance.now() - started
  try {
    const answer = await createDns(family)(name, { ...conf, servers: [server] })
    return { server, ms: since(), answer }
  } catch (error) {
    return { server, ms: since(), error }
  }
}

function ofResolver(asked: Asked, another: boolean, config: Config): Finding {
  const { server, ms, error } = asked
  const check = 'resolver'
  const source = config.DNS_SERVERS.length > 0 ? 'DNS_SERVERS' : "the system's"
  const whose = `${server} (${source})`
  if (isReachable(asked)) return { check, result: 'ok', says: `${whose} answers in ${took(ms)}` }
  const [says, todo] = failureOf(systemErrorCode(error), ms, config.BACKEND_ORIGIN.hostname) ?? [
    `cannot be asked: ${describeError(error)}`,
    'See that DNS_SERVERS names a resolver that this machine can reach.',
  ]
  if (!another) return { check, result: 'wrong', says: `${whose} ${says}`, todo }
  const meanwhile =
    'Another resolver answers, so logins go on; but DNS is slower while this one is asked, too. ' +
    `Take it out of ${source === 'DNS_SERVERS' ? source : "the system's resolvers, or set DNS_SERVERS"}, or bring it back.`
  return { check, result: 'warning', says: `${whose} ${says}`, todo: meanwhile }
}

function failureOf(code: unknown, ms: number, name: string): [says: string, todo: string] | undefined {
  const right = 'Set DNS_SERVERS to the resolver of this network: in a VPC it is 169.254.169.253'
  switch (code) {
    case 'ECONNREFUSED':
      return ['cannot be reached: nothing listens there, or no route leads to it', `${right}.`]
    case 'ETIMEOUT':
      return [
        `is silent: no answer in ${took(ms)}`,
        `${right}. If that is set, let UDP and TCP port 53 through to it (network ACLs, security groups).`,
      ]
    case 'ESERVFAIL':
      return [
        `answers SERVFAIL: it could not find out about ${name}`,
        'It is reachable, and fails itself: look at the zone of this name, at its delegation and at the rules that forward it.',
      ]
    case 'EREFUSED':
      return ['refuses to answer this machine', `${right}; or let that resolver answer this network.`]
  }
}

async function ofName(
  asked: Asked[],
  addresses: string[],
  config: Config,
  conf: ResolvConf,
  inFile: string,
): Promise<Finding> {
  const check = 'name'
  const { BACKEND_ORIGIN, DNS_FAMILY, DNS_MAX_TTL } = config
  const found = asked.find(each => each.answer?.name)?.answer?.name
  const name = BACKEND_ORIGIN.hostname
  const reachable = asked.filter(isReachable)
  if (reachable.length === 0) return { check, result: 'skipped', says: 'since no resolver answers' }

  const ignorant = reachable.filter(each => each.answer === undefined).map(each => each.server)
  if (addresses.length === 0) return unknown(name, ignorant, DNS_FAMILY, conf, inFile)

  const ttlMs = Math.min(...asked.map(each => each.answer?.ttlMs ?? Number.POSITIVE_INFINITY))
  const many = addresses.length === 1 ? '1 address' : `${addresses.length} addresses`
  const shortened = ttlMs > DNS_MAX_TTL ? `, believed for ${DNS_MAX_TTL / 1000} s (DNS_MAX_TTL)` : ''
  const says = `${found ? `${name} is ${found} by the search list, and` : name} has ${many}, TTL ${ttlMs / 1000} s${shortened}`
  const details = [addresses.join(', ')]
  if (ignorant.length === 0) return { check, result: 'ok', says, details }
  return {
    check,
    result: 'warning',
    says,
    details: [...details, `${ignorant.join(', ')} does not know the name`],
    todo: 'The resolvers disagree, and the front believes whichever answers: take the ignorant one out of DNS_SERVERS.',
  }
}

async function unknown(
  name: string,
  servers: string[],
  family: Config['DNS_FAMILY'],
  conf: ResolvConf,
  inFile: string,
): Promise<Finding> {
  const check = 'name'
  const result = 'wrong'
  const other = family === '4' ? '6' : '4'
  const others = family === 'both' ? [] : await Promise.all(servers.map(each => ask(each, name, other, conf)))
  if (others.some(each => each.answer)) {
    return {
      check,
      result,
      says: `${name} has IPv${other} addresses only, and DNS_FAMILY is ${family}`,
      todo: `Set DNS_FAMILY=${other}, or DNS_FAMILY=both.`,
    }
  }
  return {
    check,
    result,
    says: `${candidatesOf(name, conf).join(', ')} does not exist, or has no address, says ${servers.join(', ')}; ${inFile}`,
    todo:
      'Check the spelling in BACKEND_ORIGIN. A name of a private hosted zone is known only to the resolver of a VPC that the ' +
      'zone is associated with: see that DNS_SERVERS asks that one.',
  }
}
