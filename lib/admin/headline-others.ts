import type { OtherKind, Recent } from '../observe/recent.ts'

/** Fewer in a hundred are an app's own errors, as the alarms have it (deploy/lib/props.ts). */
const LEAST_SHARE = 0.05
/** So many are no accident. */
const BAD = 5

type Words = {
  readonly kind: OtherKind
  readonly one: string
  readonly many: string
  /** the section of the runbook that says what to do */
  readonly runbook: string
}

/** In this order: where calls of pages fail, the pages may fail of it. */
const OTHERS: readonly Words[] = [
  {
    kind: 'egress',
    one: 'call of a page to the API',
    many: 'calls of pages to the API',
    runbook: 'logins-fail',
  },
  {
    kind: 'api',
    one: 'request to the API other than a login',
    many: 'requests to the API other than logins',
    runbook: 'logins-fail',
  },
  {
    kind: 'upgrade',
    one: 'WebSocket to the API',
    many: 'WebSockets to the API',
    runbook: 'logins-fail',
  },
  { kind: 'page', one: 'page', many: 'pages', runbook: 'pages-are-503-and-logins-are-fine' },
]

/** What fails besides logins, in a sentence without figures that change each second; undefined where it is fine. */
export function failingOthers({ of }: Pick<Recent, 'of'>) {
  for (const { kind, one, many, runbook } of OTHERS) {
    const { all, failed } = of(kind)
    const share = all === 0 ? 0 : failed / all
    if (share < LEAST_SHARE) continue
    const text = `${shareOf(share, one, many, 'fail')}.`
    return { isBad: failed >= BAD, text, often: `${failed} of ${all} in the last 30 s.`, runbook }
  }
  return undefined
}

/** `Every login gets`, `Most logins get`, `1 in 7 logins gets`. */
export function shareOf(share: number, one: string, many: string, verb: string): string {
  if (share === 1) return `Every ${one} ${verb}s`
  return share > 0.6 ? `Most ${many} ${verb}` : `1 in ${Math.round(1 / share)} ${many} ${verb}s`
}
