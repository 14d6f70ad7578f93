import type { Stand } from './stand.ts'

/** One fault, under a steady load of logins. */
export type Row = {
  /** `--rows` names it by this */
  readonly key: string
  /** @param seconds of the load */
  readonly title: (seconds: number) => Title
  /** of the load; the fault comes when `quietMs` of it are over */
  readonly seconds: number
  /** at first, 2 if left out */
  readonly nodes?: number
  /** what happens; it may go on until the load is over */
  readonly fault: (stand: Stand) => unknown
}

export type Title = { readonly en: string; readonly ja: string }

/** The pool is warm, and the compiler done with most of it; ms. */
export const quietMs = (seconds: number) => Math.min(1000, seconds * 200)
/** What is left of a load after its quiet time, to be named; seconds. */
const outage = (seconds: number) => seconds - quietMs(seconds) / 1000

/** Idle connections are closed so often. */
const CLOSE_MS = 500
/** DNS is back so long before the load ends. */
const BACK_MS = 3000

/** New nodes in DNS for old ones, which die at once. */
async function replaceAll(stand: Stand, end = stand.kill): Promise<readonly string[]> {
  const { alb } = stand
  const old = alb.listed
  await alb.add(old.length)
  alb.list(alb.listed.filter(each => !old.includes(each)))
  for (const each of old) await end(each)
  return old
}

export const ROWS: readonly Row[] = [
  {
    key: 'refuse',
    title: () => ({
      en: 'all nodes replaced, the old ones refuse',
      ja: '全ノードが入れ替わり、旧アドレスは接続を拒否',
    }),
    seconds: 5,
    fault: stand => replaceAll(stand),
  },
  {
    key: 'drop',
    title: () => ({
      en: 'all nodes replaced, the old ones reset their connections, then drop packets',
      ja: '全ノードが入れ替わり、旧アドレスは RST 送信後にパケットを破棄',
    }),
    seconds: 5,
    async fault(stand) {
      for (const each of await replaceAll(stand)) await stand.alb.fault(each, 'drop')
    },
  },
  {
    key: 'vanish',
    title: () => ({
      en: 'all nodes replaced, the old ones vanish without closing a connection',
      ja: '全ノードが入れ替わり、旧ノードは接続を閉じずに消失',
    }),
    seconds: 5,
    fault: stand => replaceAll(stand, stand.vanish),
  },
  {
    key: 'listed',
    title: () => ({
      en: 'one of 2 nodes drops packets, DNS still lists it',
      ja: '2 ノードの一方がパケットを破棄、DNS には残る',
    }),
    seconds: 5,
    async fault({ alb, kill }) {
      const [first = ''] = alb.listed
      await kill(first)
      await alb.fault(first, 'drop')
    },
  },
  {
    key: 'stranger',
    title: () => ({
      en: 'all nodes replaced, the old addresses are now somebody else’s',
      ja: '全ノードが入れ替わり、旧アドレスは他者のサーバーに',
    }),
    seconds: 5,
    async fault(stand) {
      for (const each of await replaceAll(stand)) {
        stand.strangers.set(each, performance.now())
        await stand.alb.fault(each, 'wrong-certificate')
      }
    },
  },
  {
    key: 'out',
    title: () => ({ en: 'scale out: from 2 nodes to 4', ja: 'スケールアウト：2 ノードから 4 ノードへ' }),
    seconds: 4,
    fault: ({ alb }) => alb.add(2),
  },
  {
    key: 'in',
    title: () => ({ en: 'scale in: from 4 nodes to 2', ja: 'スケールイン：4 ノードから 2 ノードへ' }),
    seconds: 6,
    nodes: 4,
    /** They leave DNS, serve on for longer than any contender keeps an answer of DNS, and end what is in flight. */
    async fault({ alb, seconds, pause }) {
      const leaving = alb.listed.slice(0, 2)
      for (const each of leaving) alb.drain(each)
      if (await pause(seconds * 600)) await Promise.all(leaving.map(each => alb.stop(each)))
    },
  },
  {
    key: 'nxdomain',
    title: seconds => ({
      en: `DNS says NXDOMAIN for ${outage(seconds)} s`,
      ja: `DNS が ${outage(seconds)} 秒間 NXDOMAIN を返す`,
    }),
    seconds: 13,
    fault: ({ dns }) => dns.behave('nxdomain'),
  },
  {
    key: 'empty',
    title: seconds => ({
      en: `DNS answers without an address for ${outage(seconds)} s`,
      ja: `DNS が ${outage(seconds)} 秒間アドレスのない応答を返す`,
    }),
    seconds: 13,
    fault: ({ dns }) => dns.behave('empty'),
  },
  {
    key: 'close',
    title: seconds => ({
      en: `DNS says NXDOMAIN for ${outage(seconds)} s, and the API closes idle connections`,
      ja: `DNS が ${outage(seconds)} 秒間 NXDOMAIN を返し、API がアイドルコネクションを閉じる`,
    }),
    seconds: 5,
    // under a steady load kept connections hide that DNS is gone; between logins an ALB closes them
    async fault({ alb, dns, pause }) {
      dns.behave('nxdomain')
      while (await pause(CLOSE_MS)) alb.closeIdle()
    },
  },
  {
    key: 'away',
    title: seconds => ({
      en: `DNS is silent for ${awayMs(seconds) / 1000} s, then all nodes are replaced`,
      ja: `DNS が ${awayMs(seconds) / 1000} 秒間無応答、その後に全ノードが入れ替わる`,
    }),
    // HAProxy keeps addresses for 30 s (`hold timeout`), the nodes themselves serve on all the time
    seconds: 38,
    async fault(stand) {
      stand.dns.behave('silent')
      await stand.pause(awayMs(stand.seconds))
      await replaceAll(stand)
      stand.dns.behave('answer')
    },
  },
]

const awayMs = (seconds: number) => {
  const left = seconds * 1000 - quietMs(seconds)
  return Math.round(left - Math.min(BACK_MS, left / 2))
}
