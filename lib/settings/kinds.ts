import { Resolver } from 'node:dns'
import proxyAddr from 'proxy-addr'
import { z } from 'zod'
import type { Words } from './words.ts'

/** A setting is a text in the environment; `initial` is its default, `meaning` and `accepts` are for people. */
type Description = { initial: string; accepts: Words; meaning: Words }

export function setting<T>(description: Description, parse: (text: string) => T | undefined) {
  return z
    .string()
    .prefault(description.initial)
    .transform((text, context): T => {
      const value = parse(text.trim())
      if (value !== undefined) return value
      context.addIssue({ code: 'custom', message: description.accepts.en })
      return z.NEVER
    })
    .meta(description)
}

export const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }

/** `3s` → 3000, `1mb` → 1048576; whole, for Node takes no part of a byte; undefined where it is not a positive number with one of the units. */
export function quantity(...units: (keyof typeof UNITS)[]) {
  return (text: string) => {
    const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)([a-z]+)$/i.exec(text) ?? []
    const known = units.find(each => each === unit.toLowerCase())
    return known === undefined ? undefined : Math.round(Number(digits) * UNITS[known])
  }
}

/** As a setting has it: `1mb`, `1500kb`. */
export const formatSize = (bytes: number): string =>
  bytes % UNITS.mb === 0 ? `${bytes / UNITS.mb}mb` : `${bytes / UNITS.kb}kb`

/** A time of at most a day: Node's timers wrap round at 24.8 days and fire at once. */
export const duration = (initial: string, leastMs: number, meaning: Words) => {
  const least = leastMs % UNITS.s === 0 ? `${leastMs / UNITS.s}s` : `${leastMs}ms`
  const isShort = leastMs <= 500
  const accepts = {
    en: `a time from ${least} to 24h, such as ${isShort ? '500ms, ' : ''}3s or 1m`,
    ja: `${least} から 24h までの時間。例：${isShort ? '500ms、' : ''}3s、1m`,
  }
  return setting({ initial, meaning, accepts }, text => {
    const ms = quantity('ms', 's', 'm', 'h')(text)
    return ms !== undefined && ms >= leastMs && ms <= 24 * UNITS.h ? ms : undefined
  })
}

/** So many failed logins within a time. */
export type Limit = { readonly failures: number; readonly ms: number }

/** `10/1m`, or empty for none. Whole seconds: Redis and Valkey keep no shorter ones for a counter. */
export const limit = (meaning: Words) =>
  setting<Limit | null>(
    {
      initial: '',
      meaning,
      accepts: {
        en: 'failed logins and a time of 1s to 24h, in whole seconds: 10/1m',
        ja: 'ログイン失敗の回数と、1s から 24h までの時間（秒単位）。例：10/1m',
      },
    },
    text => {
      if (text === '') return null
      const [, failures = '', time = ''] = /^([1-9]\d{0,5})\/(.+)$/.exec(text) ?? []
      const ms = quantity('s', 'm', 'h')(time)
      const fits = ms !== undefined && ms >= 1000 && ms <= 24 * UNITS.h && ms % 1000 === 0
      return fits ? Object.freeze({ failures: Number(failures), ms }) : undefined
    },
  )

export function parseStore(text: string): URL | undefined {
  const url = URL.parse(text)
  const isStore =
    url && /^rediss?:$/.test(url.protocol) && url.hostname !== '' && /^(\/\d*)?$/.test(url.pathname)
  return isStore && isDecodable(url.username) && isDecodable(url.password) ? url : undefined
}

/** The client of the store decodes both. */
const isDecodable = (text: string) => isTaken(() => decodeURIComponent(text))

/** Whether what reads a value does so, or throws. */
function isTaken(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch {
    return false
  }
}

const PORT = {
  en: 'a port, 0 to 65535 (0: any free one)',
  ja: '0 から 65535 までのポート（0 なら空いているポート）',
}
export const port = (initial: string, meaning: Words) =>
  setting({ initial, meaning, accepts: PORT }, text =>
    /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined,
  )

const HOST = { en: 'an IP address of this host, or a name of it', ja: 'このホストの IP アドレスまたは名前' }
export const host = (initial: string, meaning: Words) =>
  setting({ initial, meaning, accepts: HOST }, text => (/^[\w.:-]+$/.test(text) ? text : undefined))

export const oneOf = <T extends string>(initial: T, choices: readonly T[], meaning: Words) =>
  setting({ initial, meaning, accepts: inAll(choices.join(', ')) }, text =>
    choices.find(each => each === text),
  )
const inAll = (text: string): Words => ({ en: text, ja: text })

/** The value of a dimension of CloudWatch metrics. CloudWatch itself takes 1024 characters of ASCII and more signs. */
const DIMENSION = { en: 'up to 255 letters, digits and - _ . / @', ja: '英数字と - _ . / @ で 255 文字まで' }
export const dimension = (initial: string, meaning: Words) =>
  setting({ initial, meaning, accepts: DIMENSION }, text =>
    /^[\w./@-]{1,255}$/.test(text) ? text : undefined,
  )

/** In any case, as OpenTelemetry has it. */
export const flag = (initial: 'true' | 'false', meaning: Words) =>
  setting({ initial, meaning, accepts: inAll('true, false') }, text =>
    /^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : undefined,
  )

/** `auto`, which is null, or a size: `autoSize('1mb', ['32mb'], …)`. */
export const autoSize = (least: string, examples: readonly string[], meaning: Words) => {
  const bytesOf = quantity('mb', 'gb')
  const accepts = {
    en: `auto, or a size from ${least} on, such as ${examples.join(' or ')}`,
    ja: `auto、または ${least} 以上のサイズ。例：${examples.join('、')}`,
  }
  return setting<number | null>({ initial: 'auto', meaning, accepts }, text => {
    if (text === 'auto') return null
    const bytes = bytesOf(text)
    return bytes !== undefined && bytes >= (bytesOf(least) ?? 0) ? bytes : undefined
  })
}

/** Comma-separated parts, each of which must pass; or none. */
export const listOf = (text: string, passes: (part: string) => boolean) =>
  text === '' ? Object.freeze([]) : all(text, passes)

/** Comma-separated parts, each of which must pass. */
export const all = (text: string, passes: (part: string) => boolean) => {
  const parts = text.split(',').map(part => part.trim())
  return parts.every(passes) ? Object.freeze(parts) : undefined
}

/**
 * `/user/login`: segments without dots alone, escapes, `;` and what URL parsers disagree on; no slash at the end. No patterns either
 * (`/api/*`, `/api/:path*`), which would match nothing.
 */
export const isPath = (text: string): boolean => /^(\/(?!\.{1,2}(\/|$)|:)[\w.~!$&'()+,=:@-]+)+$/.test(text)

export function parseOrigin(text: string): URL | undefined {
  const url = URL.parse(text)
  const isOrigin = url && `${url.origin}/` === url.href && /^https?:$/.test(url.protocol)
  return isOrigin ? url : undefined
}

export function parseCollector(text: string): URL | undefined {
  const url = URL.parse(text)
  const isPlain = url && /^https?:$/.test(url.protocol) && `${url.origin}${url.pathname}` === url.href
  return isPlain && !/\/v1\/traces\/?$/.test(url.pathname) ? url : undefined
}

/** As c-ares takes it: an IP address, with a port or without. */
export const isServer = (text: string): boolean => isTaken(() => new Resolver().setServers([text]))

export const isProxyRange = (text: string): boolean => isTaken(() => proxyAddr.compile(text))
