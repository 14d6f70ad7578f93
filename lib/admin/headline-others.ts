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
import { SECTIONS, type Section } from './sections.ts'

type Noun = {
  readonly kind: OtherKind
  readonly one: string
  readonly many: string
  readonly ja: string
  readonly runbook: Section
}

/** In this order: where calls of pages fail, the pages may fail of it. */
const OTHERS: readonly Noun[] = [
  {
    kind: 'egress',
    one: 'call of a page to the API',
    many: 'calls of pages to the API',
    ja: 'ページから API への呼び出し',
    runbook: SECTIONS.logins,
  },
  {
    kind: 'api',
    one: 'request to the API other than a login',
    many: 'requests to the API other than logins',
    ja: 'ログイン以外の API へのリクエスト',
    runbook: SECTIONS.logins,
  },
  {
    kind: 'upgrade',
    one: 'WebSocket to the API',
    many: 'WebSockets to the API',
    ja: 'API への WebSocket 接続',
    runbook: SECTIONS.logins,
  },
  {
    kind: 'page',
    one: 'page',
    many: 'pages',
    ja: 'ページ',
    runbook: SECTIONS.pages,
  },
]

/** What fails besides logins; undefined where it is fine. */
export function failingOthers({ of }: Pick<Recent, 'of'>): Headline | undefined {
  for (const { kind, one, many, ja, runbook } of OTHERS) {
    const { all, failed } = of(kind)
    const share = all === 0 ? 0 : failed / all
    if (share < LEAST_SHARE) continue
    const text = {
      en: `${shareOf(share, one, many, 'fail')}.`,
      ja: `${ja}の${shareInJapanese(share)}が失敗しています。`,
    }
    return (failed >= SEVERAL ? bad : watch)(text, inLast30s(failed, all), runbook)
  }
  return undefined
}
