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
import type { Texts } from './english.ts'
import { type Finding, took } from './report.ts'

/** What one resolver said when it was asked by itself. */
type Asked = { server: string; ms: number; answer?: DnsAnswer; error?: unknown }

/** It answered, if only that it knows no address. */
const isReachable = ({ answer, error }: Asked) =>
  answer !== undefined || systemErrorCode(error) === 'ENOTFOUND'

/** Looks the backend's name up as the front does, and asks every resolver by itself. */
export async function checkDns(
  config: Config,
  texts: Texts,
  files: NameFiles = SYSTEM,
): Promise<{ findings: Finding[]; addresses: string[] }> {
  const { hostname } = config.BACKEND_ORIGIN
  const conf = await confOf(config.DNS_SERVERS, files)
  const servers = conf.servers.length > 0 ? conf.servers : getServers()
  const [answer, ...asked] = await Promise.all([
    createResolver(hostname, config.DNS_SERVERS, config.DNS_FAMILY, files)().catch(() => undefined),
    ...servers.map(each => ask(each, hostname, config.DNS_FAMILY, conf)),
  ])
  if (answer?.ttlMs === Number.POSITIVE_INFINITY) return withoutDns(hostname, answer, texts.dns)
  const addresses = [...new Set(asked.flatMap(each => each.answer?.addresses ?? []))]
  const resolvers = asked.map(each => ofResolver(each, asked.some(isReachable), config, texts.dns))
  const name = await ofName(asked, addresses, config, conf, await notInHosts(config, files, texts.dns), texts)
  return { addresses, findings: [...resolvers, name] }
}

function withoutDns(hostname: string, { addresses, file }: DnsAnswer, texts: Texts['dns']) {
  const why = file ? texts.inFile(file, hostname) : texts.notNeeded(hostname)
  const resolver: Finding = { check: 'resolver', result: 'skipped', says: why }
  const listed = addresses.join(', ')
  const says = file ? texts.fromFile(listed, file) : texts.literal(listed)
  return { addresses: [...addresses], findings: [resolver, { check: 'name', result: 'ok', says } as const] }
}

/** What to say of the hosts file, when neither it nor DNS has an address. */
async function notInHosts(
  { BACKEND_ORIGIN, DNS_FAMILY }: Config,
  { hosts }: NameFiles,
  texts: Texts['dns'],
): Promise<string> {
  const named = await inHosts(hosts, BACKEND_ORIGIN.hostname)
  return named.length > 0
    ? texts.otherFamilyInFile(hosts, named.join(', '), DNS_FAMILY)
    : texts.notInFile(hosts)
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

function ofResolver(asked: Asked, another: boolean, config: Config, texts: Texts['dns']): Finding {
  const { server, ms, error } = asked
  const check = 'resolver'
  const isOwn = config.DNS_SERVERS.length > 0
  const resolver = `${server} (${isOwn ? 'DNS_SERVERS' : texts.systems})`
  if (isReachable(asked)) return { check, result: 'ok', says: texts.answers(resolver, took(ms)) }
  const failure = failureOf(error, took(ms), config.BACKEND_ORIGIN.hostname, texts)
  const says = texts.fails(resolver, failure.says)
  if (!another) return { check, result: 'wrong', says, todo: failure.todo }
  return { check, result: 'warning', says, todo: texts.another(isOwn) }
}

function failureOf(error: unknown, time: string, name: string, texts: Texts['dns']) {
  switch (systemErrorCode(error)) {
    case 'ECONNREFUSED':
      return texts.refused
    case 'ETIMEOUT':
      return texts.silent(time)
    case 'ESERVFAIL':
      return texts.servfail(name)
    case 'EREFUSED':
      return texts.denied
    default:
      return texts.other(describeError(error))
  }
}

async function ofName(
  asked: Asked[],
  addresses: string[],
  config: Config,
  conf: ResolvConf,
  inFile: string,
  { dns: texts, skipped }: Texts,
): Promise<Finding> {
  const check = 'name'
  const { BACKEND_ORIGIN, DNS_FAMILY, DNS_MAX_TTL } = config
  const found = asked.find(each => each.answer?.name)?.answer?.name
  const name = BACKEND_ORIGIN.hostname
  const reachable = asked.filter(isReachable)
  if (reachable.length === 0) return { check, result: 'skipped', says: skipped.noResolver }

  const ignorant = reachable.filter(each => each.answer === undefined).map(each => each.server)
  if (addresses.length === 0) return unknown(name, ignorant, DNS_FAMILY, conf, inFile, texts)

  const ttlMs = Math.min(...asked.map(each => each.answer?.ttlMs ?? Number.POSITIVE_INFINITY))
  const cached = ttlMs > DNS_MAX_TTL ? DNS_MAX_TTL / 1000 : undefined
  const says = texts.found(name, found, addresses.length, ttlMs / 1000, cached)
  const details = [addresses.join(', ')]
  if (ignorant.length === 0) return { check, result: 'ok', says, details }
  return {
    check,
    result: 'warning',
    says,
    details: [...details, texts.ignorant(ignorant.join(', '))],
    todo: texts.disagree,
  }
}

async function unknown(
  name: string,
  servers: string[],
  family: Config['DNS_FAMILY'],
  conf: ResolvConf,
  inFile: string,
  texts: Texts['dns'],
): Promise<Finding> {
  const check = 'name'
  const result = 'wrong'
  const other = family === '4' ? '6' : '4'
  const others = family === 'both' ? [] : await Promise.all(servers.map(each => ask(each, name, other, conf)))
  if (others.some(each => each.answer)) {
    return { check, result, ...texts.otherFamily(name, other, family) }
  }
  const names = candidatesOf(name, conf).join(', ')
  return { check, result, ...texts.unknown(names, servers.join(', '), inFile) }
}
