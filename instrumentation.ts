/**
 * Next calls it once, in whichever process serves the pages. With the setting that turns the front's traces on, Next's own
 * spans go the same way; without it nothing of OpenTelemetry is loaded (docs/traces.md).
 */
export async function register(): Promise<void> {
  // Next's build puts the value of this in its place, and finds it only so written
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: disabled } = process.env
  if (!endpoint?.trim() || /^\s*true\s*$/i.test(disabled ?? '')) return
  const { tracePages } = await import('./lib/observe/traces/pages.ts')
  tracePages()
}
