import { describeError } from '../../lib/http/errors.ts'
import { spansUrl } from '../../lib/observe/spans.ts'
import { STEP_MS } from './connection.ts'
import type { Texts } from './english.ts'
import { type Finding, took } from './report.ts'

/**
 * Whether the collector takes spans: an empty request, of which it keeps nothing. Never worse than a warning, for no
 * login needs it.
 * @param endpoint OTEL_EXPORTER_OTLP_ENDPOINT
 */
export async function checkCollector(endpoint: URL, { collector: texts, request }: Texts): Promise<Finding> {
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
    const says = texts.answer(String(url), request.status(answer.status, took(performance.now() - started)))
    if (answer.ok) return { check, result: 'ok', says }
    // the secret that may be in OTEL_EXPORTER_OTLP_HEADERS is not sent from here
    if (answer.status === 401 || answer.status === 403)
      return { check, result: 'ok', says: texts.withoutHeaders(says) }
    return { check, result: 'warning', says, todo: texts.noReceiver(endpoint.origin) }
  } catch (error) {
    const says = texts.answer(String(url), describeError(error))
    return { check, result: 'warning', says, todo: texts.away }
  }
}
