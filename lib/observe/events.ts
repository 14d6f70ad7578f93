import type { Backend } from '../backend/backend.ts'
import { now } from '../clock.ts'
import { errorCodeLabel } from '../http/errors.ts'
import type { Words } from '../settings/words.ts'
import type { WorkerState } from './lifecycle.ts'
import type { Observed } from './observed.ts'

/** What it is about; the first four, `worker` and `life` are marks above the time line. */
export type Kind = 'added' | 'departed' | 'stale' | 'fresh' | 'dial' | 'replay' | 'worker' | 'full' | 'life'

/** Something that happened, as a sentence. */
export type Event = {
  readonly id: number
  /** of its first time */
  readonly at: Date
  readonly kind: Kind
  readonly text: Words
  /** how often it happened in a row */
  times: number
  /** counts up with each event and each repetition */
  change: number
}

export type Events = ReturnType<typeof watchEvents>

type Watched = Pick<Observed, 'lifecycle' | 'bounds' | 'backends' | 'tallies' | 'workers'>

/** So many are kept; an hour in which addresses change every 20 s has fewer. */
const MOST = 200
/** Of these, the same words within so many ms are one event: a dead address must not push everything else out. */
const REPEATED = new Set<Kind>(['dial', 'replay', 'full'])
const SAME_MS = 60_000

/** Keeps what happened to addresses, DNS, dials and page workers. */
export function watchEvents({ lifecycle, bounds, backends, tallies, workers }: Watched) {
  const events: Event[] = []
  const seen = { phase: lifecycle.phase, replayed: 0, turnedAway: 0, workers: new Map<number, WorkerState>() }
  let change = 0

  function note(kind: Kind, text: Words, times = 1) {
    change++
    const at = now()
    const same = REPEATED.has(kind) ? events.findLast(each => each.text.en === text.en) : undefined
    if (same && at - same.at.getTime() < SAME_MS) {
      same.times += times
      same.change = change
      return
    }
    events.push({ id: change, at: new Date(at), kind, text, times, change })
    if (events.length > MOST) events.shift()
  }

  function watchBackend(backend: Backend) {
    const { name, cache } = backend
    // with one backend nobody has to be told which
    const add = (kind: Kind, { en, ja }: Words) =>
      note(kind, backends.length === 1 ? { en, ja } : { en: `${name}: ${en}`, ja: `${name}：${ja}` })
    cache.changes.on('added', addresses => add('added', EVENTS.added(addresses)))
    backend.events.on('left', (addresses, become) => add('departed', EVENTS.departed(addresses, become)))
    cache.changes.on('stale', reason =>
      add('stale', EVENTS.stale(errorCodeLabel(reason), cache.addresses.answer !== undefined)),
    )
    cache.changes.on('fresh', () => add('fresh', { en: 'DNS answers', ja: 'DNS が応答しました' }))
    backend.events.on('failed', (address, error) =>
      add('dial', EVENTS.unreachable(address, errorCodeLabel(error))),
    )
  }
  for (const each of backends) watchBackend(each)

  function lookAtWorker(state: WorkerState) {
    const { worker, pid, restarts } = state
    const before = seen.workers.get(worker)
    seen.workers.set(worker, state)
    if (!before || pid === undefined || pid === before.pid) {
      if (before && restarts > before.restarts) note('worker', EVENTS.workerEnded(worker))
      return
    }
    if (before.pid === undefined) note('worker', EVENTS.workerServes(worker, pid))
    else if (restarts > before.restarts) note('worker', EVENTS.workerRestarted(worker, pid))
    else note('worker', EVENTS.workerReplaced(worker, pid))
  }

  return {
    /** Those after a change, oldest first. */
    since: (after: number): Event[] => events.filter(each => each.change > after),
    get change() {
      return change
    },
    /** Looks at what tells of no change by itself: the page workers, the phase, logins that were retried. */
    look() {
      for (const each of workers?.() ?? []) lookAtWorker(each)
      const { replayed } = tallies.login
      const times = replayed - seen.replayed
      if (times > 0) note('replay', EVENTS.retried, times)
      seen.replayed = replayed
      const turnedAway = bounds.connections.exceeded - seen.turnedAway
      if (turnedAway > 0) note('full', EVENTS.turnedAway, turnedAway)
      seen.turnedAway = bounds.connections.exceeded
      if (lifecycle.phase !== seen.phase) note('life', EVENTS[lifecycle.phase])
      seen.phase = lifecycle.phase
    },
  }
}

/** What the status page says of each; a text that one language lacks is a type error. */
export const EVENTS = {
  added: (addresses: readonly string[]): Words => ({
    en: `${listOf(addresses).en} ${addresses.length === 1 ? 'is' : 'are'} new in DNS`,
    ja: `${listOf(addresses).ja} が DNS に追加されました`,
  }),
  departed(addresses: readonly string[], { closed, busy }: { closed: number; busy: number }): Words {
    const become: Words[] = []
    if (closed > 0)
      become.push({
        en: `${closed} idle ${closed === 1 ? 'connection' : 'connections'} closed`,
        ja: `アイドルの接続 ${closed} 本を閉じました`,
      })
    if (busy > 0)
      become.push({
        en: `${busy} busy ${busy === 1 ? 'finishes' : 'finish'}`,
        ja: `使用中の ${busy} 本は完了を待ちます`,
      })
    const [en, ja] = [become.map(each => each.en).join(', '), become.map(each => each.ja).join('、')]
    return {
      en: `${listOf(addresses).en} left DNS${en === '' ? '' : `: ${en}`}`,
      ja: `${listOf(addresses).ja} が DNS から削除されました${ja === '' ? '' : `：${ja}`}`,
    }
  },
  stale: (code: string, hasAnswered: boolean): Words =>
    hasAnswered
      ? {
          en: `DNS gives no answer (${code}): the last addresses stay`,
          ja: `DNS から応答がありません（${code}）。最後に得たアドレスを使い続けます`,
        }
      : { en: `DNS has never answered (${code})`, ja: `DNS が一度も応答していません（${code}）` },
  unreachable: (address: string, code: string): Words => ({
    en: `${address} cannot be reached (${code})`,
    ja: `${address} に到達できません（${code}）`,
  }),
  workerEnded: (worker: number): Words => ({
    en: `Page worker ${worker} ended by itself`,
    ja: `ページワーカー ${worker} が異常終了しました`,
  }),
  workerServes: (worker: number, pid: number): Words => ({
    en: `Page worker ${worker} serves again (process ${pid})`,
    ja: `ページワーカー ${worker} が復帰しました（プロセス ${pid}）`,
  }),
  workerRestarted: (worker: number, pid: number): Words => ({
    en: `Page worker ${worker} ended by itself and was started again (process ${pid})`,
    ja: `ページワーカー ${worker} が異常終了し、再起動されました（プロセス ${pid}）`,
  }),
  workerReplaced: (worker: number, pid: number): Words => ({
    en: `Page worker ${worker} was replaced gracefully (process ${pid})`,
    ja: `ページワーカー ${worker} が、処理中のリクエストを終えてから交代しました（プロセス ${pid}）`,
  }),
  retried: {
    en: 'A login found a dead connection and was retried',
    ja: '切断済みの接続に当たったログインを再送しました',
  },
  turnedAway: {
    en: 'A connection was turned away: the connection limit is reached',
    ja: '接続数の上限に達したため、接続を拒否しました',
  },
  starting: { en: 'Starting', ja: '起動処理中' },
  ready: { en: 'Ready: pages and logins are served', ja: '稼働中：ページとログインに応答しています' },
  stopping: {
    en: 'Stopping: /readyz says 503, new requests are still served',
    ja: '停止処理中：/readyz は 503、届いたリクエストにはまだ応答します',
  },
}

/** A few of them by name: an ALB may have a hundred. */
function listOf(addresses: readonly string[]): Words {
  if (addresses.length <= 6) return { en: addresses.join(', '), ja: addresses.join(', ') }
  const [few, more] = [addresses.slice(0, 5).join(', '), addresses.length - 5]
  return { en: `${few} and ${more} more`, ja: `${few} ほか ${more} 件` }
}
