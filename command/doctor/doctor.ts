import { readFile } from 'node:fs/promises'
import { targetOf } from '../../lib/backend/connect.ts'
import { loadConfigFile } from '../../lib/settings/config-file.ts'
import type { Route } from '../../lib/settings/routes.ts'
import { type Config, ConfigError, readConfig } from '../../lib/settings/settings.ts'
import { checkCertificates } from './certificate.ts'
import { checkCollector } from './collector.ts'
import { checkConnections } from './connection.ts'
import { checkDns } from './dns.ts'
import { type Finding, inJson, inText, type Report, skipFrom } from './report.ts'
import { checkRequests } from './request.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Settings that steer what is checked here; the values of others may be secret. */
const SHOWN = [
  'BACKEND_ORIGIN',
  'BACKEND_PATHS',
  'DNS_SERVERS',
  'DNS_MAX_TTL',
  'DNS_FAMILY',
  'CONNECT_TIMEOUT',
  'REPLAY',
]

/**
 * `node server.ts doctor [--json]`: prints what is well between here and the backend and what is not. It sends no name and
 * no password.
 * @returns the exit code: 1 where something is wrong
 */
export async function runDoctor(env: Env, args: readonly string[]): Promise<number> {
  const report = await examine(env, process.cwd())
  process.stdout.write(args.includes('--json') ? inJson(report) : inText(report))
  return report.ok ? 0 : 1
}

/**
 * Everything on a login's way to the backend, step by step; each step is bounded, all of them take 15 s at most. Then the same of the
 * other backends, without a login.
 * @param folder that may have a gatehouse.config
 */
export async function examine(env: Env, folder?: string): Promise<Report> {
  const at = new Date()
  const { config, findings } = await checkSettings(env, folder)
  if (config) {
    const [main, ...others] = await Promise.all(originsOf(config).map(each => checkBackend(each, env)))
    findings.push(...(main ?? []), ...others.flat())
  } else findings.push(...skipFrom('resolver', 'since the settings have mistakes'))
  const collector = config?.OTEL_EXPORTER_OTLP_ENDPOINT
  if (collector) findings.push(await checkCollector(collector))
  const ok = findings.every(each => each.result !== 'wrong')
  return { ok, at, backend: config?.BACKEND_ORIGIN.origin ?? null, findings }
}

/** The config as it would be with one backend alone, for each of them; that of the logins first. */
function originsOf(config: Config): Config[] {
  const origins = [
    config.BACKEND_ORIGIN,
    ...config.routes.map(each => each.origin),
    ...config.backends.map(each => each.origin),
  ]
  const known = new Map(origins.toReversed().map(each => [each.origin, each]))
  return [...known.values()].toReversed().map(origin => ({
    ...config,
    BACKEND_ORIGIN: origin,
    routes: config.routes.filter(each => each.origin.origin === origin.origin),
  }))
}

async function checkBackend(config: Config, env: Env): Promise<Finding[]> {
  const target = targetOf(config.BACKEND_ORIGIN, config.routes[0]?.serverName)
  const { findings, addresses } = await checkDns(config)
  if (addresses.length === 0) return [...findings, ...skipFrom('connection', 'since there is no address')]

  const connections = await checkConnections(addresses, target, config.CONNECT_TIMEOUT)
  findings.push(...connections.findings)
  if (connections.reached.length === 0)
    return [...findings, ...skipFrom('certificate', 'since no address can be connected to')]

  const { reached } = connections
  const certificates =
    target.verify === undefined
      ? { findings: [PLAIN], good: reached.map(each => each.address) }
      : checkCertificates(reached, target.verify, env.NODE_EXTRA_CA_CERTS)
  findings.push(...certificates.findings)
  if (certificates.good.length === 0)
    return [...findings, ...skipFrom('request', 'since nothing is sent where the certificate does not fit')]

  findings.push(...(await checkRequests(config, target, certificates.good)))
  return findings
}

const PLAIN: Finding = { check: 'certificate', result: 'skipped', says: 'since plain HTTP has none' }

async function checkSettings(
  env: Env,
  folder: string | undefined,
): Promise<{ config?: Config; findings: Finding[] }> {
  const findings = await checkNodes(env)
  try {
    const file = folder === undefined ? undefined : await loadConfigFile(folder)
    const config = readConfig(env, file)
    findings.unshift({ check: 'settings', result: 'ok', ...inForce(config, env, file?.name) })
    return { config, findings }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    findings.unshift(ofMistakes(error))
    return { findings }
  }
}

function inForce(config: Config, env: Env, file: string | undefined): { says: string; details: string[] } {
  const set = Object.keys(config).filter(each => env[each]?.trim())
  const shown = set.filter(each => SHOWN.includes(each)).map(each => `${each}=${env[each]?.trim()}`)
  const others = set.filter(each => !SHOWN.includes(each))
  const also = others.length > 0 ? [`also set: ${others.join(', ')}`] : []
  const from = file === undefined ? [] : [`routes from ${file}:`, ...config.routes.map(inOneLine)]
  return { says: `${set.length} set, no mistakes`, details: [...shown, ...also, ...from] }
}

const inOneLine = ({ path, kind, origin, base }: Route) =>
  `${path || '/'} → ${origin.origin}${base} (${kind})`

function ofMistakes({ message }: ConfigError): Finding {
  const details = message
    .split('\n')
    .slice(1)
    .map(each => each.trim())
  const missing = details.some(each => each.startsWith('BACKEND_ORIGIN is not set'))
  return {
    check: 'settings',
    result: 'wrong',
    says: details.length === 1 ? '1 mistake' : `${details.length} mistakes`,
    details,
    todo:
      (missing ? 'Set BACKEND_ORIGIN to where the API is, such as BACKEND_ORIGIN=https://api.dev.jp. ' : '') +
      'Settings are environment variables of the task; `node server.ts --help` explains each.',
  }
}

/** Node's own settings, of which Node itself would only warn. */
async function checkNodes(env: Env): Promise<Finding[]> {
  const findings: Finding[] = []
  const file = env.NODE_EXTRA_CA_CERTS
  const pem = file && (await readFile(file, 'utf8').catch(() => ''))
  if (file && !pem?.includes('-----BEGIN CERTIFICATE-----'))
    findings.push({
      check: 'settings',
      result: 'wrong',
      says: `NODE_EXTRA_CA_CERTS is ${file}: ${pem ? 'no certificate in PEM form is in it' : 'this file cannot be read'}`,
      todo: 'Put the certificate of the private CA there, as PEM, or unset NODE_EXTRA_CA_CERTS: Node ignores such a file.',
    })
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0')
    findings.push({
      check: 'settings',
      result: 'wrong',
      says: 'NODE_TLS_REJECT_UNAUTHORIZED is 0: no certificate is verified, and logins may go to anyone',
      todo: 'Unset it. A private CA is trusted with NODE_EXTRA_CA_CERTS.',
    })
  return findings
}
