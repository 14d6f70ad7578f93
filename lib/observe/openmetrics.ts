import type { Outcome } from './outcome.ts'

type Exemplar = {
  readonly id: string
  readonly traceId: string | undefined
  readonly seconds: number
  readonly at: number
}

/** Whether a scraper reads OpenMetrics, the one format that has exemplars; Prometheus does, a person's curl does not. */
export const wantsOpenMetrics = (accept: string | undefined) =>
  accept?.includes('application/openmetrics-text') === true

export const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

/**
 * The newest login of each bucket of a histogram: where its figures lead to one line of the log, and to one trace.
 * @param bounds the histogram's buckets in seconds, ascending
 */
export function createExemplars(bounds: readonly number[]) {
  const kept = new Map<string, (Exemplar | undefined)[]>()
  return {
    note({ route, req, ms, spans }: Outcome, status: string) {
      const id = req?.headers['x-request-id']
      if (route !== 'login' || typeof id !== 'string') return
      const seconds = ms / 1000
      const found = bounds.findIndex(bound => seconds <= bound)
      const newest = kept.getOrInsert(status, [])
      newest[found === -1 ? bounds.length : found] = {
        id,
        traceId: spans?.traceId,
        seconds,
        at: Date.now() / 1000,
      }
    },
    /** What a scraper reads behind the line of a bucket, by its labels; undefined where no login fell into it. */
    of(status: string, le: string): string | undefined {
      const found = kept.get(status)?.[le === '+Inf' ? bounds.length : bounds.indexOf(Number(le))]
      if (!found) return undefined
      const { id, traceId, seconds, at } = found
      // 114 characters at most, where OpenMetrics allows 128
      const trace = traceId === undefined ? '' : `,trace_id="${traceId}"`
      return `# {request_id="${id}"${trace}} ${seconds} ${at}`
    },
  }
}

const BUCKET = /^gatehouse_request_duration_seconds_bucket\{le="([^"]+)",route="login",status="([^"]+)"\}/

/**
 * Prometheus's text as OpenMetrics. prom-client does this by itself only for good, and a registry that reads both would
 * count all twice: a counter's family is named without `_total`, nothing is empty, and the end is marked.
 */
export function toOpenMetrics(text: string, exemplars: ReturnType<typeof createExemplars>): string {
  const counters = new Set([...text.matchAll(/^# TYPE (\S+)_total counter$/gm)].map(([, name]) => name))
  const lines = text.split('\n').flatMap(line => {
    if (line === '') return []
    const [, keyword, family] = /^# (HELP|TYPE) (\S+)_total /.exec(line) ?? []
    if (keyword !== undefined && counters.has(family)) return line.replace('_total ', ' ')
    const [, le = '', status = ''] = BUCKET.exec(line) ?? []
    const exemplar = status === '' ? undefined : exemplars.of(status, le)
    return exemplar === undefined ? line : `${line} ${exemplar}`
  })
  return `${lines.join('\n')}\n# EOF\n`
}
