import { setTimeout as sleep } from 'node:timers/promises'
import type { Backend } from '../../backend/backend.ts'
import type { Log } from '../../log.ts'
import type { Config } from '../../settings/settings.ts'
import type { Outcome } from '../outcome.ts'

/** A collector that is slow or gone does not hold the end of the process up for longer. With the pages' `stop` below LAST_MS. */
const CLOSE_MS = 800

/** Opens the traces of this process; undefined where they are off, and then OpenTelemetry is not even loaded. */
export async function openTraces(config: Config, backends: readonly Backend[], log: Log) {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER: sampler } = config
  if (!endpoint) return undefined
  const [{ createProvider, joinProcess }, { createSpans }] = await Promise.all([
    import('./provider.ts'),
    import('./request-spans.ts'),
  ])
  const say = (fields: object, message: string) => log.warn(fields, message)
  const provider = createProvider({ endpoint, sampler, ratio: config.OTEL_TRACES_SAMPLER_ARG }, say)
  joinProcess(provider)
  return {
    begin: createSpans(provider.getTracer('gatehouse'), backends),
    end: (outcome: Outcome) => outcome.spans?.end(outcome),
    /** Sends what is left; never takes long, and never rejects. */
    async close() {
      await Promise.race([provider.shutdown().catch(() => {}), sleep(CLOSE_MS)])
    },
  }
}
