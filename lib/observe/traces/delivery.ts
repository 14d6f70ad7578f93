import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import { BatchSpanProcessor, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace'
import { describeError } from '../../http/errors.ts'
import { scrub } from './scrub.ts'

export type Say = (fields: { spans: number; cause: string }, message: string) => void

/** What waits for a collector that is slow or gone; what is more is lost. About 2 KB each. */
const MOST_WAITING = 4096
/** A batch is made into JSON in one go, by the process that carries the logins. */
const BATCH = 128
const DELAY_MS = 1000
const WARN_AGAIN_MS = 60_000

/** OpenTelemetry's own batches, but with a bound whose losses are told, and without secrets (docs/rules.md, 8). */
export function createDelivery(exporter: SpanExporter, say: Say): SpanProcessor {
  let waiting = 0
  let lost = 0
  let lastWarnedAt = Number.NEGATIVE_INFINITY

  function lose(spans: number, error: unknown) {
    lost += spans
    if (performance.now() - lastWarnedAt < WARN_AGAIN_MS) return
    lastWarnedAt = performance.now()
    say({ spans: lost, cause: describeError(error) }, 'spans were lost: the collector does not take them')
    lost = 0
  }

  function done(spans: number, { code, error }: ExportResult) {
    if (code !== ExportResultCode.SUCCESS) lose(spans, error)
  }

  const batches = new BatchSpanProcessor({
    maxQueueSize: MOST_WAITING,
    maxExportBatchSize: BATCH,
    scheduledDelayMillis: DELAY_MS,
    exporter: {
      export(spans, tell) {
        waiting -= spans.length
        exporter.export(spans, result => {
          done(spans.length, result)
          tell(result)
        })
      },
      forceFlush: async () => exporter.forceFlush?.(),
      shutdown: () => exporter.shutdown(),
    },
  })
  return {
    onStart() {},
    onEnding: scrub,
    onEnd(span) {
      if (waiting >= MOST_WAITING) return lose(1, new Error(`${MOST_WAITING} are waiting already`))
      waiting++
      batches.onEnd(span)
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown(),
  }
}
