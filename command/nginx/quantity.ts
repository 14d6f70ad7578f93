import { quantity } from '../../lib/settings/kinds.ts'
import { describeSettings } from '../../lib/settings/schema.ts'

/** A setting's value where nobody sets it, as text. */
export const initialOf = (setting: string): string =>
  describeSettings().find(({ name }) => name === setting)?.initial ?? ''

/** The most that a time of a setting or a route may be. */
export const DAY_MS = 86_400_000

/** In ms. `M` is a month, `m` a minute. */
const TIMES: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: DAY_MS,
  w: 604_800_000,
  M: 2_592_000_000,
  y: 31_536_000_000,
}
const SIZES: Readonly<Record<string, string>> = { '': 'b', k: 'kb', m: 'mb', g: 'gb' }

/** Nginx's `60`, `60s`, `1m30s` in ms; undefined where it is none. */
export function inMs(text: string): number | undefined {
  if (!/^(\d+(ms|[smhdwMy])?\s*)+$/.test(text)) return undefined
  const parts = [...text.matchAll(/(\d+)(ms|[smhdwMy])?/g)]
  return parts.reduce((sum, [, count, unit = 's']) => sum + Number(count) * (TIMES[unit] ?? 0), 0)
}

/** 60000 → `60s`, as the settings have it. */
export const timeText = (ms: number) => (ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`)

/** Nginx's `1m` → `1mb`; undefined where it is none. */
export function sizeText(text: string): string | undefined {
  const [, count, unit = ''] = /^(\d+)([kmg]?)$/i.exec(text) ?? []
  return count === undefined ? undefined : `${count}${SIZES[unit.toLowerCase()]}`
}

const bytesOf = quantity('b', 'kb', 'mb', 'gb')

/** Nginx's `8k` in bytes; undefined where it is none. */
export const sizeBytes = (text: string): number | undefined => bytesOf(sizeText(text) ?? '')
