import type { AddressCache, Addresses } from '../backend/address-cache.ts'
import type { Expiring } from '../backend/certificate.ts'
import type { Failing } from '../backend/failing.ts'
import { now as clock } from '../clock.ts'
import { describeError } from '../http/errors.ts'
import type { Bounds } from '../observe/bounds.ts'
import type { History } from '../observe/history.ts'
import type { Lifecycle, WorkerState } from '../observe/lifecycle.ts'
import type { LimitTally } from '../observe/tally.ts'
import type { Words } from '../settings/words.ts'
import { deadAddresses, failedLogins, failingOf, misroutedLogins, sumOf } from './headline-logins.ts'
import { failingOthers } from './headline-others.ts'
import { bad, formatAge, type Headline, NOTHING, plural, sentence, watch } from './headline-parts.ts'
import { fullBound, refusedLogins } from './headline-refused.ts'
import { SECTIONS } from './sections.ts'

type Facts = {
  readonly lifecycle: Lifecycle
  readonly bounds: Bounds
  readonly addresses: Addresses
  /** backends beside that of the logins */
  readonly others?: readonly OtherBackend[]
  readonly failing: readonly Failing[]
  readonly history: History
  readonly workers: readonly WorkerState[] | undefined
  readonly limit?: LimitTally | undefined
  /** backends whose certificate expires soon */
  readonly expiring?: readonly Expiring[]
}

type OtherBackend = { readonly name: string; readonly cache: Pick<AddressCache, 'addresses'> }

/** The logins of the last so many buckets, the one under way included, say how things are. */
const RECENT = 6

/** What is worst, in one sentence, and the rest in another. */
export function headlineOf(
  { lifecycle, bounds, addresses, others = [], failing, history, workers, limit, expiring = [] }: Facts,
  now = clock(),
): Headline {
  const { answer, stale } = addresses
  if (!answer)
    return bad(
      {
        en: 'DNS has not named any address yet: logins get 503.',
        ja: 'DNS からまだアドレスを得られていません。ログインは 503 になります。',
      },
      stale ? sentence(describeError(stale.reason)) : NOTHING,
      SECTIONS.BACKEND_UNKNOWN,
    )
  const sum = sumOf(history.buckets(RECENT))
  const dead = failingOf(addresses, failing)
  // of those that are as bad the first is told
  const lines = [
    misroutedLogins(sum, history.lastMisrouted),
    failedLogins(sum, history, dead),
    dead?.all ? deadAddresses(dead) : undefined,
    refusedLogins(history.recent),
    fullBound(bounds, now),
    unready(lifecycle, workers),
    failingOthers(history.recent),
    staleDns(addresses),
    otherBackends(others),
    storeAway(limit),
    deadAddresses(dead),
    oneWorkerUnready(workers),
    // last: it is told for days
    certificateEnds(expiring),
  ].filter(each => each !== undefined)
  const worst = lines.find(({ level }) => level === 'bad') ?? lines[0] ?? fine(sum.all > 0)
  const { detail } = worst
  const summary = dnsSummary(addresses, now)
  return {
    ...worst,
    detail: { en: `${detail.en} ${summary.en}`.trimStart(), ja: `${detail.ja}${summary.ja}` },
  }
}

const fine = (hasLogins: boolean): Headline => ({
  level: 'fine',
  text: hasLogins
    ? { en: 'Logins are fine.', ja: 'ログインは正常です。' }
    : { en: 'Ready; no login in the last 30 s.', ja: '稼働中です。直近 30 秒のログインはありません。' },
  detail: NOTHING,
})

/** `2 addresses, DNS answered 1 s ago.` */
function dnsSummary({ listed, missing, answer, stale }: Addresses, now: number): Words {
  const count = listed.length + missing.length
  const known = { en: plural(count, 'address', 'addresses'), ja: `アドレス ${count} 件` }
  if (stale) {
    const age = formatAge(now - stale.since.getTime())
    return { en: `${known.en}, DNS silent for ${age.en}.`, ja: `${known.ja}、DNS は ${age.ja}応答なし。` }
  }
  if (!answer || !Number.isFinite(answer.ttlMs)) return { en: `${known.en}.`, ja: `${known.ja}。` }
  const age = formatAge(now - answer.at.getTime())
  return { en: `${known.en}, DNS answered ${age.en} ago.`, ja: `${known.ja}、DNS の応答は ${age.ja}前。` }
}

function unready({ phase }: Lifecycle, workers: Facts['workers']): Headline | undefined {
  if (phase === 'stopping')
    return watch(
      {
        en: 'Stopping: requests in flight are still served.',
        ja: '停止処理中です。処理中のリクエストには最後まで応答します。',
      },
      { en: '/readyz says 503.', ja: '/readyz は 503。' },
    )
  if (phase === 'starting')
    return watch(
      {
        en: 'Starting: the pages are not ready yet.',
        ja: '起動処理中です。ページはまだ準備できていません。',
      },
      NOTHING,
    )
  if (!workers || workers.some(each => each.phase === 'ready')) return undefined
  return bad(
    {
      en: 'No page can be shown: no page worker is ready. Logins are not affected.',
      ja: 'ページを表示できません。稼働中のページワーカーがありません。ログインには影響ありません。',
    },
    NOTHING,
    SECTIONS.pages,
  )
}

function oneWorkerUnready(workers: Facts['workers']): Headline | undefined {
  const count = workers?.filter(({ phase }) => phase !== 'ready').length ?? 0
  if (!workers || count === 0) return undefined
  return watch(
    {
      en: 'Logins are fine; a page worker is not ready.',
      ja: 'ログインは正常です。稼働していないページワーカーがあります。',
    },
    { en: `${count} of ${workers.length}.`, ja: `${workers.length} 個中 ${count} 個。` },
    SECTIONS.restarts,
  )
}

function staleDns({ stale }: Addresses): Headline | undefined {
  if (!stale) return undefined
  return watch(
    {
      en: 'DNS gives no answer: the last addresses stay in use.',
      ja: 'DNS から応答がありません。最後に得たアドレスを使い続けています。',
    },
    sentence(describeError(stale.reason)),
    SECTIONS.stale,
  )
}

function otherBackends(others: readonly OtherBackend[]): Headline | undefined {
  const unknown = others.find(({ cache }) => !cache.addresses.answer)
  if (unknown)
    return watch(
      {
        en: `DNS has not named any address of ${unknown.name}: requests to it get 503.`,
        ja: `DNS から ${unknown.name} のアドレスをまだ得られていません。そこへのリクエストは 503 になります。`,
      },
      NOTHING,
      SECTIONS.BACKEND_UNKNOWN,
    )
  const old = others.find(({ cache }) => cache.addresses.stale)
  if (!old) return undefined
  return watch(
    {
      en: `DNS gives no answer for ${old.name}: the last addresses stay in use.`,
      ja: `${old.name} について DNS から応答がありません。最後に得たアドレスを使い続けています。`,
    },
    { en: 'Logins are not affected.', ja: 'ログインには影響ありません。' },
    SECTIONS.stale,
  )
}

function certificateEnds(expiring: readonly Expiring[]): Headline | undefined {
  const first = expiring.toSorted((a, b) => a.at.getTime() - b.at.getTime())[0]
  if (!first) return undefined
  const day = first.at.toISOString().slice(0, 10)
  return watch(
    {
      en: `Logins are fine; the certificate of ${first.name} expires on ${day}.`,
      ja: `ログインは正常です。${first.name} の証明書の有効期限は ${day} です。`,
    },
    NOTHING,
    SECTIONS.certificate,
  )
}

function storeAway(limit: LimitTally | undefined): Headline | undefined {
  if (!limit?.store || limit.store.connected) return undefined
  return watch(
    {
      en: 'The store of the login limits cannot be reached: each task counts for itself.',
      ja: 'レート制限の共有ストアに接続できません。タスクごとに数えています。',
    },
    NOTHING,
    SECTIONS.store,
  )
}
