/**
 * Next calls it once, in whichever process serves the pages. With the setting that turns the front's traces on, Next's own
 * spans go the same way; without it nothing of OpenTelemetry is loaded (docs/traces.md).
 */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs' || !process.env.OTEL_EXPORTER_OTLP_ENDPOINT?.trim()) return
  const { tracePages } = await import('./lib/traces/pages.ts')
  tracePages()
}
