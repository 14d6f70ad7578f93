import type { Addresses } from '../backend/address-cache.ts'
import type { Failing } from '../backend/failing.ts'
import { describeError, type ERRORS, systemErrorCode } from '../http/errors.ts'
import type { Bounds } from '../observe/bounds.ts'
import type { Bucket, History } from '../observe/history.ts'
import type { Words } from '../settings/words.ts'
import {
  bad,
  type Headline,
  inLast30s,
  loginsThat,
  NOTHING,
  plural,
  sentence,
  watch,
} from './headline-parts.ts'

/** From this share of misrouted logins on it is bad; an API that knows no such user may say 404 to a few. */
const BAD_MISROUTED = 0.5

/** From this share of failed logins on it is bad; below, a few of many failed, and it may be over. */
const BAD_SHARE = 0.01

type Sum = {
  readonly all: number
  readonly failed: number
  readonly misrouted: number
  readonly posted: number
}

export function sumOf(buckets: readonly Bucket[]): Sum {
  const sum = { all: 0, failed: 0, misrouted: 0, posted: 0 }
  for (const { ok, refused, limited, misrouted, failed, posted } of buckets) {
    sum.all += ok + refused + limited + misrouted + failed
    sum.failed += failed
    sum.misrouted += misrouted
    sum.posted += posted
  }
  return sum
}

/** Logins that found no login at the backend. */
export function misroutedLogins(
  { misrouted, posted }: Sum,
  status: number | undefined,
): Headline | undefined {
  if (misrouted === 0) return undefined
  const share = misrouted / posted
  const logins = loginsThat('get', share)
  const text = {
    en: `${logins.en} ${status} from the backend, which does not mean a wrong password: check BACKEND_ORIGIN, the host and path rules of the API's ALB, and BACKEND_PATHS.`,
    ja: `${logins.ja}にバックエンドが ${status} を返しています（パスワード誤りの応答ではありません）。BACKEND_ORIGIN、API 側 ALB のホスト・パスルール、BACKEND_PATHS を確認してください。`,
  }
  return (share >= BAD_MISROUTED ? bad : watch)(text, inLast30s(misrouted, posted), 'every-login-gets-404')
}

type Why = { readonly why: Words; readonly runbook: string }

const CUT = 'the-backend-cuts-connections-or-answers'
const FULL = 'too-many-requests-wait-for-the-api'
const UNREACHABLE = 'no-address-can-be-reached'

/** Why logins fail, by the newest failure's code. */
const WHY: { readonly [code in keyof typeof ERRORS | 'BACKEND_5XX']?: Why } & {
  readonly [code: string]: Why | undefined
} = {
  BACKEND_UNREACHABLE: {
    why: { en: 'no address can be reached', ja: '到達できるアドレスがありません' },
    runbook: UNREACHABLE,
  },
  BACKEND_BROKE_OFF: {
    why: { en: 'the backend breaks connections off', ja: 'バックエンドが接続を切断しています' },
    runbook: CUT,
  },
  BACKEND_BAD_ANSWER: {
    why: {
      en: 'the backend gives answers that cannot be passed on',
      ja: 'バックエンドの応答が不正で、クライアントへ渡せません',
    },
    runbook: CUT,
  },
  BACKEND_UNKNOWN: {
    why: { en: 'DNS has not named any address', ja: 'DNS からアドレスを得られていません' },
    runbook: 'logins-are-503-since-the-start',
  },
  BACKEND_TIMEOUT: {
    why: { en: 'the backend does not answer in time', ja: 'バックエンドが時間内に応答しません' },
    runbook: 'logins-are-504',
  },
  BACKEND_FULL: {
    why: {
      en: 'the limit MAX_BACKEND_REQUESTS is reached: the backend is slow or hangs',
      ja: 'MAX_BACKEND_REQUESTS 件のリクエストがバックエンドを待っています。バックエンドが遅いか、応答していません',
    },
    runbook: FULL,
  },
  BACKEND_5XX: {
    why: { en: 'the API itself answers with 5xx', ja: 'API 自体が 5xx を返しています' },
    runbook: 'the-backend-itself-says-5xx',
  },
  INTERNAL: {
    why: { en: 'something is wrong in Gatehouse itself', ja: 'Gatehouse 自体に問題があります' },
    runbook: 'logins-fail',
  },
}
const BODIES_FULL: Why = {
  why: {
    en: 'BODY_MEMORY is full, and LOGIN_LIMIT_ACCOUNT has to read each body',
    ja: 'BODY_MEMORY がいっぱいで、LOGIN_LIMIT_ACCOUNT のために読むボディを保持できません',
  },
  runbook: FULL,
}
const REFUSED: Why = {
  why: { en: 'the certificate of the API is refused', ja: 'API の証明書の検証に失敗しました' },
  runbook: 'the-certificate-is-refused',
}
const UNKNOWN: Why = { why: { en: 'see the log', ja: 'ログを確認してください' }, runbook: 'logins-fail' }

function whyOf(code: string, { requests, bodies }: Bounds, dead: Dead | undefined): Why {
  if (code === 'BACKEND_UNREACHABLE' && dead?.byCertificate) return REFUSED
  // BODY_MEMORY is refused with that code, too
  if (code === 'BACKEND_FULL' && bodies.metAt > requests.metAt) return BODIES_FULL
  return WHY[code] ?? UNKNOWN
}

export function failedLogins(
  { all, failed }: Sum,
  { lastFailure = 'BACKEND_5XX' }: Pick<History, 'lastFailure'>,
  bounds: Bounds,
  dead: Dead | undefined,
): Headline | undefined {
  if (failed === 0) return undefined
  const { why, runbook } = whyOf(lastFailure, bounds, dead)
  const share = failed / all
  if (share < BAD_SHARE)
    return watch(
      { en: `A few logins failed: ${why.en}.`, ja: `一部のログインが失敗しました：${why.ja}。` },
      inLast30s(failed, all),
      runbook,
    )
  const logins = loginsThat('fail', share)
  const isOfDead = lastFailure === 'BACKEND_UNREACHABLE' && dead
  return bad(
    { en: `${logins.en}: ${why.en}.`, ja: `${logins.ja}が失敗しています：${why.ja}。` },
    isOfDead ? sentence(dead.causes) : NOTHING,
    runbook,
  )
}

type Dead = NonNullable<ReturnType<typeof failingOf>>

/** Those of the current addresses that cannot be reached, and why. */
export function failingOf({ listed, missing }: Addresses, unreachable: readonly Failing[]) {
  const current = [...listed, ...missing]
  const failing = unreachable.filter(each => current.includes(each.address))
  if (failing.length === 0) return undefined
  const all = failing.length === current.length
  return {
    all,
    /** the certificate of every address is refused */
    byCertificate: all && failing.every(({ error }) => CERTIFICATE.test(systemErrorCode(error) ?? '')),
    some: failing.length,
    of: current.length,
    causes: [...new Set(failing.map(({ error }) => describeError(error)))].join('; '),
  }
}

/** What OpenSSL says of a certificate, and Node of its name. */
const CERTIFICATE =
  /^(ERR_TLS_CERT_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH)/

/** Addresses that cannot be reached, though no login has failed of it. */
export function deadAddresses(dead: Dead | undefined): Headline | undefined {
  if (!dead) return undefined
  const { all, byCertificate, some, of, causes } = dead
  if (byCertificate)
    return bad(
      { en: 'The certificate of the API is refused.', ja: 'API の証明書の検証に失敗しました。' },
      sentence(causes),
      REFUSED.runbook,
    )
  if (all)
    return bad(
      {
        en: 'No address of the backend can be reached.',
        ja: 'バックエンドに到達できるアドレスがありません。',
      },
      sentence(causes),
      UNREACHABLE,
    )
  return watch(
    {
      en: `Logins are fine; ${some} of ${plural(of, 'address', 'addresses')} cannot be reached.`,
      ja: `ログインは正常です。アドレス ${of} 件のうち ${some} 件に到達できません。`,
    },
    { en: `${causes}; retried in the background.`, ja: `${causes}。再試行を続けています。` },
    'one-address-is-dead',
  )
}
