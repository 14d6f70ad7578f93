import type { Words } from '../settings/words.ts'
import type { Section } from './sections.ts'

export type Headline = {
  readonly level: 'fine' | 'watch' | 'bad'
  /** How things are, for a person who was just woken up. Without figures that change each second: it is read aloud. */
  readonly text: Words
  readonly detail: Words
  readonly runbook?: Section | undefined
}

const at =
  (level: Headline['level']) =>
  (text: Words, detail: Words, runbook?: Section): Headline => ({ level, text, detail, runbook })
export const bad = at('bad')
export const watch = at('watch')

export const NOTHING: Words = { en: '', ja: '' }

/** For whom the headline knows no cause. */
export const SEE_LOG: Words = { en: 'see the log', ja: 'ログを確認してください' }

/** What is data, as a cause is, as a sentence. */
export const sentence = (data: string): Words => ({ en: `${data}.`, ja: `${data}。` })

/** `3 of 40 in the last 30 s.` */
export const inLast30s = (some: number, all: number): Words => ({
  en: `${some} of ${all} in the last 30 s.`,
  ja: `直近 30 秒で ${all} 件中 ${some} 件。`,
})

/** `Every login gets`, `Most logins get`, `1 in 7 logins gets`. */
export function shareOf(share: number, one: string, many: string, verb: string): string {
  if (share === 1) return `Every ${one} ${verb}s`
  return isMost(share) ? `Most ${many} ${verb}` : `1 in ${Math.round(1 / share)} ${many} ${verb}s`
}

/** Behind a の, or before one: a figure has a space before it. */
export function shareInJapanese(share: number): string {
  if (share === 1) return 'すべて'
  return isMost(share) ? 'ほとんど' : ` ${Math.round(1 / share)} 件に 1 件`
}

const isMost = (share: number) => share > 0.6

/** Fewer in a hundred are an app's own errors, or refused every day: of a guesser, or sent by another site's page. As the alarms have it (deploy/lib/props.ts). */
export const LEAST_SHARE = 0.05
/** Fewer may be one person, or an accident. */
export const SEVERAL = 5

/** Which of the logins `get` or `fail`; in Japanese without its particle. */
export const loginsThat = (verb: 'get' | 'fail', share: number): Words => ({
  en: shareOf(share, 'login', 'logins', verb),
  ja: `${shareInJapanese(share).trimStart()}のログイン`,
})

export const plural = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`

/** 0.4 s, 12 s, 3 min, 2 h */
export function formatAge(ms: number): Words {
  const seconds = Math.max(ms, 0) / 1000
  if (seconds < 120) return { en: `${Math.round(seconds)} s`, ja: `${Math.round(seconds)} 秒` }
  const minutes = Math.round(seconds / 60)
  if (seconds < 7200) return { en: `${minutes} min`, ja: `${minutes} 分` }
  const hours = Math.round(seconds / 3600)
  return { en: `${hours} h`, ja: `${hours} 時間` }
}
