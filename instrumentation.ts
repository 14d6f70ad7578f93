/**
 * Next calls it once, in whichever process serves the pages. With the setting that turns the front's traces on, Next's own
 * spans go the same way; without it nothing of OpenTelemetry is loaded (docs/traces.md).
 */
export async function register(): Promise<void> {
  const { NEXT_RUNTIME, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: disabled } = process.env
  if (NEXT_RUNTIME !== 'nodejs' || !endpoint?.trim() || /^\s*true\s*$/i.test(disabled ?? '')) return
  const { tracePages } = await import('./lib/traces/pages.ts')
  tracePages()
}
