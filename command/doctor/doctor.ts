import { readFile } from 'node:fs/promises'
import { serverNameAt } from '../../lib/backend/backends.ts'
import { targetOf } from '../../lib/backend/connect.ts'
import type { Language } from '../../lib/http/accept.ts'
import { loadConfigFile } from '../../lib/settings/config-file.ts'
import { type Route, shownPlace } from '../../lib/settings/routes.ts'
import { type Config, ConfigError, type Env, readConfig } from '../../lib/settings/settings.ts'
import { languageOf } from '../language.ts'
import { checkCertificates } from './certificate.ts'
import { checkCollector } from './collector.ts'
import { besideAnother, checkConnections } from './connection.ts'
import { checkDns } from './dns.ts'
import type { Texts } from './english.ts'
import { type Finding, inJson, inText, type Report, skipFrom, TEXTS } from './report.ts'
import { checkRequests } from './request.ts'

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
 * no password. People get it in the language of the environment, programs in English.
 * @returns the exit code: 1 where something is wrong
 */
export async function runDoctor(env: Env, args: readonly string[]): Promise<number> {
  const isJson = args.includes('--json')
  const language = isJson ? 'en' : languageOf(env)
  const report = await examine(env, process.cwd(), language)
  process.stdout.write(isJson ? inJson(report) : inText(report, TEXTS[language]))
  return report.ok ? 0 : 1
}

/**
 * Everything on a login's way to the backend, step by step; each step is bounded, all of them take 15 s at most. Then the same of the
 * other backends, without a login.
 * @param folder that may have a gatehouse.config
 */
export async function examine(env: Env, folder?: string, language: Language = 'en'): Promise<Report> {
  const texts = TEXTS[language]
  const at = new Date()
  const { config, findings } = await checkSettings(env, folder, language)
  if (config) {
    const [main, ...others] = await Promise.all(originsOf(config).map(each => checkBackend(each, env, texts)))
    findings.push(...(main ?? []), ...others.flat())
  } else findings.push(...skipFrom('resolver', texts.skipped.mistakes))
  const collector = config?.OTEL_EXPORTER_OTLP_ENDPOINT
  if (collector) findings.push(await checkCollector(collector, texts))
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

async function checkBackend(config: Config, env: Env, texts: Texts): Promise<Finding[]> {
  const { skipped } = texts
  const target = targetOf(config.BACKEND_ORIGIN, serverNameAt(config.BACKEND_ORIGIN, config.routes))
  const { findings, addresses } = await checkDns(config, texts)
  if (addresses.length === 0) return [...findings, ...skipFrom('connection', skipped.noAddress)]

  const { reached, findings: ofConnections } = await checkConnections(
    addresses,
    target,
    config.CONNECT_TIMEOUT,
    texts,
  )
  if (reached.length === 0)
    return [...findings, ...ofConnections, ...skipFrom('certificate', skipped.noConnection)]

  const certificates =
    target.verify === undefined
      ? {
          findings: [{ check: 'certificate', result: 'skipped', says: skipped.plain } as const],
          good: reached.map(each => each.address),
        }
      : checkCertificates(reached, target.verify, env.NODE_EXTRA_CA_CERTS, texts.certificate)
  const works = reached.some(each => !each.isSlow && certificates.good.includes(each.address))
  findings.push(...(works ? ofConnections.map(each => besideAnother(each, texts)) : ofConnections))
  findings.push(...certificates.findings)
  if (certificates.good.length === 0) return [...findings, ...skipFrom('request', skipped.certificate)]

  findings.push(...(await checkRequests(config, target, certificates.good, texts)))
  return findings
}

async function checkSettings(
  env: Env,
  folder: string | undefined,
  language: Language,
): Promise<{ config?: Config; findings: Finding[] }> {
  const texts = TEXTS[language].settings
  const findings = await checkNodes(env, texts)
  try {
    const file = folder === undefined ? undefined : await loadConfigFile(folder)
    const config = readConfig(env, file)
    findings.unshift({ check: 'settings', result: 'ok', ...inForce(config, env, file?.name, texts) })
    return { config, findings }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    findings.unshift(ofMistakes(error, language))
    return { findings }
  }
}

function inForce(config: Config, env: Env, file: string | undefined, texts: Texts['settings']) {
  const set = Object.keys(config).filter(each => env[each]?.trim())
  const shown = set.filter(each => SHOWN.includes(each)).map(each => `${each}=${env[each]?.trim()}`)
  const others = set.filter(each => !SHOWN.includes(each))
  const also = others.length > 0 ? [texts.also(others.join(', '))] : []
  const from = file === undefined ? [] : [texts.routes(file), ...config.routes.map(inOneLine)]
  return { says: texts.good(set.length), details: [...shown, ...also, ...from] }
}

const inOneLine = (route: Route) =>
  `${shownPlace(route)} → ${route.origin.origin}${route.base} (${route.kind})`

function ofMistakes({ mistakes }: ConfigError, language: Language): Finding {
  const texts = TEXTS[language].settings
  const missing = mistakes.some(each => each.en.startsWith('BACKEND_ORIGIN is not set'))
  return {
    check: 'settings',
    result: 'wrong',
    says: texts.mistakes(mistakes.length),
    details: mistakes.map(each => each[language]),
    todo: [...(missing ? [texts.noOrigin] : []), texts.explained].join(' '),
  }
}

/** Node's own settings, of which Node itself would only warn. */
async function checkNodes(env: Env, texts: Texts['settings']): Promise<Finding[]> {
  const findings: Finding[] = []
  const file = env.NODE_EXTRA_CA_CERTS
  const pem = file && (await readFile(file, 'utf8').catch(() => ''))
  if (file && !pem?.includes('-----BEGIN CERTIFICATE-----'))
    findings.push({
      check: 'settings',
      result: 'wrong',
      ...texts.extraCa(file, Boolean(pem)),
    })
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0')
    findings.push({
      check: 'settings',
      result: 'wrong',
      ...texts.unverified,
    })
  return findings
}
