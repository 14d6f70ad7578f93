import type { Addresses } from '../backend/address-cache.ts'
import type { Failing } from '../backend/failing.ts'
import { BODIES_FULL, describeError, type ErrorCode, systemErrorCode } from '../http/errors.ts'
import type { Bucket, History } from '../observe/history.ts'
import type { Words } from '../settings/words.ts'
import {
  bad,
  type Headline,
  inLast30s,
  loginsThat,
  NOTHING,
  plural,
  SEE_LOG,
  sentence,
  watch,
} from './headline-parts.ts'
import { SECTIONS, type Section, sectionOf } from './sections.ts'

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
export function misroutedLogins({ misrouted, posted }: Sum, status: number | undefined) {
  if (misrouted === 0) return undefined
  const share = misrouted / posted
  const logins = loginsThat('get', share)
  const text = {
    en: `${logins.en} ${status} from the backend, which does not mean a wrong password: check BACKEND_ORIGIN, the host and path rules of the API's ALB, and BACKEND_PATHS.`,
    ja: `${logins.ja}にバックエンドが ${status} を返しています（パスワード誤りの応答ではありません）。BACKEND_ORIGIN、API 側 ALB のホスト・パスルール、BACKEND_PATHS を確認してください。`,
  }
  return (share >= BAD_MISROUTED ? bad : watch)(text, inLast30s(misrouted, posted), SECTIONS.misrouted)
}

/** Why logins fail, by the newest failure. */
const WHY: { readonly [code in ErrorCode]?: Words } & { readonly [code: string]: Words | undefined } = {
  BACKEND_UNREACHABLE: { en: 'no address can be reached', ja: '到達できるアドレスがありません' },
  BACKEND_BROKE_OFF: { en: 'the backend breaks connections off', ja: 'バックエンドが接続を切断しています' },
  BACKEND_BAD_ANSWER: {
    en: 'the backend gives answers that cannot be passed on',
    ja: 'バックエンドの応答が不正で、クライアントへ渡せません',
  },
  BACKEND_UNKNOWN: { en: 'DNS has not named any address', ja: 'DNS からアドレスを得られていません' },
  BACKEND_TIMEOUT: { en: 'the backend does not answer in time', ja: 'バックエンドが時間内に応答しません' },
  BACKEND_FULL: {
    en: 'the limit MAX_BACKEND_REQUESTS is reached: the backend is slow or hangs',
    ja: 'MAX_BACKEND_REQUESTS 件のリクエストがバックエンドを待っています。バックエンドが遅いか、応答していません',
  },
  INTERNAL: { en: 'something is wrong in Gatehouse itself', ja: 'Gatehouse 自体に問題があります' },
  [BODIES_FULL]: {
    en: 'BODY_MEMORY is full, and LOGIN_LIMIT_ACCOUNT has to read each body',
    ja: 'BODY_MEMORY がいっぱいで、LOGIN_LIMIT_ACCOUNT のために読むボディを保持できません',
  },
}
const OF_API: Words = { en: 'the API itself answers with 5xx', ja: 'API 自体が 5xx を返しています' }
const CERTIFICATE_REFUSED: Words = {
  en: 'the certificate of the API is refused',
  ja: 'API の証明書の検証に失敗しました',
}

/** @param code of the newest failure, as the history has it; none: the API's own */
function whyOf(code: string | undefined, dead: Dead | undefined): [why: Words, runbook: Section] {
  if (code === undefined) return [OF_API, SECTIONS.failed]
  if (code === 'BACKEND_UNREACHABLE' && dead?.byCertificate)
    return [CERTIFICATE_REFUSED, SECTIONS.certificate]
  return [WHY[code] ?? SEE_LOG, sectionOf(code) ?? SECTIONS.logins]
}

export function failedLogins(
  { all, failed }: Sum,
  { lastFailure }: Pick<History, 'lastFailure'>,
  dead: Dead | undefined,
): Headline | undefined {
  if (failed === 0) return undefined
  const [why, runbook] = whyOf(lastFailure, dead)
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
      SECTIONS.certificate,
    )
  if (all)
    return bad(
      {
        en: 'No address of the backend can be reached.',
        ja: 'バックエンドに到達できるアドレスがありません。',
      },
      sentence(causes),
      SECTIONS.BACKEND_UNREACHABLE,
    )
  return watch(
    {
      en: `Logins are fine; ${some} of ${plural(of, 'address', 'addresses')} cannot be reached.`,
      ja: `ログインは正常です。アドレス ${of} 件のうち ${some} 件に到達できません。`,
    },
    { en: `${causes}; retried in the background.`, ja: `${causes}。接続のリトライを続けています。` },
    SECTIONS.dial,
  )
}
