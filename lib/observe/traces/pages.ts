import { setTimeout as sleep } from 'node:timers/promises'
import { createProvider, joinProcess } from './provider.ts'

/** Below what the front gives a worker that stops. */
const FLUSH_MS = 800

/** Traces of the process that serves the pages. The front has checked the settings before it started one. */
export function tracePages(): void {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: url = '', OTEL_TRACES_SAMPLER: sampler } = process.env
  const endpoint = URL.parse(url)
  if (!endpoint) return
  const provider = createProvider(
    {
      endpoint,
      sampler: sampler?.trim() || 'parentbased_always_on',
      ratio: Number(process.env.OTEL_TRACES_SAMPLER_ARG?.trim() || 1),
    },
    // a worker's output is in the front's log
    ({ spans, cause }, message) => console.warn(`${message} (${spans}, ${cause})`),
  )
  // in development, the front of this process was first
  if (joinProcess(provider)) process.once('SIGTERM', () => flushBeforeExit(() => provider.forceFlush()))
}

/** Next ends the process as soon as its last answer is out, and waits for nobody. */
function flushBeforeExit(flush: () => Promise<void>) {
  const { exit } = process
  const late = (code?: string | number | null) => {
    Object.assign(process, { exit })
    void Promise.race([flush().catch(() => {}), sleep(FLUSH_MS)]).then(() => exit(code))
  }
  Object.assign(process, { exit: late })
}
