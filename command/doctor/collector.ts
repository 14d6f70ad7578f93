import { describeError } from '../../lib/http/errors.ts'
import { spansUrl } from '../../lib/observe/spans.ts'
import { STEP_MS } from './connection.ts'
import { type Finding, took } from './report.ts'

/**
 * Whether the collector takes spans: an empty request, of which it keeps nothing. Never worse than a warning, for no
 * login needs it.
 * @param endpoint OTEL_EXPORTER_OTLP_ENDPOINT
 */
export async function checkCollector(endpoint: URL): Promise<Finding> {
  const check = 'collector'
  const url = spansUrl(endpoint)
  const started = performance.now()
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'User-Agent': 'gatehouse-doctor' },
      body: '{"resourceSpans":[]}',
      redirect: 'manual',
      signal: AbortSignal.timeout(STEP_MS),
    })
    await answer.body?.cancel()
    const says = `POST ${url}: ${answer.status} in ${took(performance.now() - started)}`
    if (answer.ok) return { check, result: 'ok', says }
    // the secret that may be in OTEL_EXPORTER_OTLP_HEADERS is not sent from here
    if (answer.status === 401 || answer.status === 403)
      return { check, result: 'ok', says: `${says}, without OTEL_EXPORTER_OTLP_HEADERS` }
    const todo = `It answers, and takes no traces: see that ${endpoint.origin} is the OTLP/HTTP receiver of a collector, usually on port 4318.`
    return { check, result: 'warning', says, todo }
  } catch (error) {
    return {
      check,
      result: 'warning',
      says: `POST ${url}: ${describeError(error)}`,
      todo: "No span arrives; logins go on. See that the collector runs, that OTEL_EXPORTER_OTLP_ENDPOINT is its port for HTTP (4318; gRPC's is 4317), and that security groups let this task reach it. OTEL_SDK_DISABLED=true turns traces off.",
    }
  }
}
