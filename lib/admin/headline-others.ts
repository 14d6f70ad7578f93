import type { OtherKind, Recent } from '../observe/recent.ts'
import {
  bad,
  type Headline,
  inLast30s,
  LEAST_SHARE,
  SEVERAL,
  shareInJapanese,
  shareOf,
  watch,
} from './headline-parts.ts'
import { SECTIONS } from './sections.ts'

/** In this order: where calls of pages fail, the pages may fail of it. */
const OTHERS: readonly (readonly [kind: OtherKind, one: string, many: string, ja: string])[] = [
  ['egress', 'call of a page to the API', 'calls of pages to the API', 'ページから API への呼び出し'],
  [
    'api',
    'request to the API other than a login',
    'requests to the API other than logins',
    'ログイン以外の API へのリクエスト',
  ],
  ['upgrade', 'WebSocket to the API', 'WebSockets to the API', 'API への WebSocket 接続'],
  ['page', 'page', 'pages', 'ページ'],
]

/** What fails besides logins; undefined where it is fine. */
export function failingOthers({ of }: Pick<Recent, 'of'>): Headline | undefined {
  for (const [kind, one, many, ja] of OTHERS) {
    const { all, failed } = of(kind)
    const share = all === 0 ? 0 : failed / all
    if (share < LEAST_SHARE) continue
    const text = {
      en: `${shareOf(share, one, many, 'fail')}.`,
      ja: `${ja}の${shareInJapanese(share)}が失敗しています。`,
    }
    const runbook = kind === 'page' ? SECTIONS.pages : SECTIONS.logins
    return (failed >= SEVERAL ? bad : watch)(text, inLast30s(failed, all), runbook)
  }
  return undefined
}
