import type { ErrorCode } from '../http/errors.ts'
import type { Bound, Bounds } from '../observe/bounds.ts'
import type { Recent, Refusal } from '../observe/recent.ts'
import type { Words } from '../settings/words.ts'
import {
  bad,
  type Headline,
  inLast30s,
  LEAST_SHARE,
  loginsThat,
  SEE_LOG,
  SEVERAL,
  watch,
} from './headline-parts.ts'
import { SECTIONS, sectionOf } from './sections.ts'

const BAD_SHARE = 0.5
const RECENT_MS = 30_000

const SLOW_BODIES: Words = { en: 'their bodies do not arrive in time', ja: 'ボディが時間内に届きません' }

/** Why logins are refused before anybody looks at their passwords, by the code; others: see the log. */
const WHY: { readonly [code in ErrorCode]?: Words } = {
  TOO_MANY: {
    en: 'LOGIN_LIMIT or LOGIN_LIMIT_ACCOUNT is reached',
    ja: 'LOGIN_LIMIT または LOGIN_LIMIT_ACCOUNT に達しています',
  },
  CROSS_SITE: {
    en: 'pages send them whose origin is not in ALLOWED_ORIGINS',
    ja: '送信元ページのオリジンが ALLOWED_ORIGINS にありません',
  },
  BODY_TOO_LARGE: { en: 'their bodies are too large', ja: 'ボディが大きすぎます' },
  CLIENT_TIMEOUT: SLOW_BODIES,
  CLIENT_STALLED: SLOW_BODIES,
}

function whyOf({ status, code }: Refusal): Words {
  if (code !== undefined) return WHY[code] ?? SEE_LOG
  return status === 429
    ? { en: 'the API has a rate limit of its own', ja: 'API 自体のレート制限です' }
    : { en: 'their bodies are too large for the API', ja: 'API にはボディが大きすぎます' }
}

/** Logins that were refused before anybody looked at their passwords: no wrong password explains them. */
export function refusedLogins({ of, lastRefusal }: Pick<Recent, 'of' | 'lastRefusal'>): Headline | undefined {
  const { all, failed } = of('login')
  if (lastRefusal === undefined || failed < LEAST_SHARE * all || failed === 0) return undefined
  const { status, code } = lastRefusal
  const by =
    code === undefined
      ? { en: 'the backend', ja: 'バックエンド' }
      : { en: 'Gatehouse itself', ja: ' Gatehouse ' }
  const share = failed / all
  const logins = loginsThat('get', share)
  const why = whyOf(lastRefusal)
  const runbook = code === undefined ? SECTIONS.refused : (sectionOf(code) ?? SECTIONS.logins)
  const text = {
    en: `${logins.en} ${status} from ${by.en}: ${why.en}.`,
    ja: `${logins.ja}に${by.ja}が ${status} を返しています：${why.ja}。`,
  }
  const isBad = share >= BAD_SHARE && failed >= SEVERAL
  return (isBad ? bad : watch)(text, inLast30s(failed, all), runbook)
}

export function fullBound({ connections, requests, bodies }: Bounds, now: number): Headline | undefined {
  const isExceeded = ({ exceededAt }: Bound) => now - exceededAt < RECENT_MS
  if (isExceeded(connections))
    return bad(
      {
        en: 'Clients are turned away: the connection limit is reached.',
        ja: '接続数の上限に達したため、クライアントの接続を拒否しています。',
      },
      {
        en: `${connections.now} of ${connections.most} connections are open; WebSockets may be half of them.`,
        ja: `接続 ${connections.most} 本中 ${connections.now} 本を使用中（WebSocket は半分まで）。`,
      },
      SECTIONS.FULL,
    )
  if (isExceeded(requests))
    return bad(
      {
        en: 'Requests to the API are refused: the limit MAX_BACKEND_REQUESTS is reached.',
        ja: 'MAX_BACKEND_REQUESTS の上限に達したため、API へのリクエストを拒否しています。',
      },
      {
        en: `${requests.now} of ${requests.most} are under way.`,
        ja: `${requests.most} 件中 ${requests.now} 件を処理中。`,
      },
      SECTIONS.BACKEND_FULL,
    )
  if (!isExceeded(bodies)) return undefined
  const [held, most] = [bodies.now, bodies.most].map(bytes => Math.round(bytes / 1024))
  return watch(
    {
      en: 'BODY_MEMORY is full: logins with a body over 4 KB are not retried.',
      ja: 'BODY_MEMORY がいっぱいです。4 KB を超えるボディのログインは再送しません。',
    },
    { en: `${held} of ${most} KB are held.`, ja: `${most} KB 中 ${held} KB を保持中。` },
    SECTIONS.BACKEND_FULL,
  )
}
