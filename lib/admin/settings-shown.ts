import { formatSize, type Limit } from '../settings/kinds.ts'
import type { Config } from '../settings/settings.ts'

export type Setting = { readonly name: string; readonly value: string }

/**
 * The settings in force, as text. User and password of a URL and the secret of a header are left out, and so are the routes: the
 * state has them.
 */
export const settingsOf = ({ routes: _routes, backends: _backends, ...settings }: Config): Setting[] =>
  Object.entries(settings).map(([name, value]) => ({ name, value: formatSetting(name, value) }))

function formatSetting(
  name: string,
  value: Exclude<Config[keyof Config], Config['routes' | 'backends']> | undefined,
): string {
  if (value === null || value === undefined) return 'off'
  if (value instanceof URL) return value.origin === 'null' ? `${value.protocol}//${value.host}` : value.origin
  if (typeof value === 'number') return formatNumber(name, value)
  if (typeof value === 'string' || typeof value === 'boolean') return String(value)
  // the digest of a token
  if (value instanceof Uint8Array) return 'set'
  if ('failures' in value) return formatLimit(value)
  if (value.length === 0) return NONE[name] ?? 'none'
  return value.map(each => (typeof each === 'string' ? each : `${each.name}: …`)).join(', ')
}

const NONE: { [name: string]: string } = { DNS_SERVERS: "the system's" }

function formatNumber(name: string, value: number): string {
  if (/_(TIMEOUT|DELAY|TTL)$/.test(name)) return formatDuration(value)
  if (/_(BODY|MEMORY|HEADER)$/.test(name)) return formatSize(value)
  return String(value)
}

const formatLimit = ({ failures, ms }: Limit) => `${failures}/${formatDuration(ms)}`
const formatDuration = (ms: number) =>
  ms % 60_000 === 0 && ms > 0 ? `${ms / 60_000}m` : ms < 1000 && ms > 0 ? `${ms}ms` : `${ms / 1000}s`
