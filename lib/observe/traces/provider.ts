import { context, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { spansUrl } from '../spans.ts'
import { createDelivery, type Say } from './delivery.ts'
import { passContextToBackend } from './fetch.ts'

export type Options = {
  /** the collector's base URL; `/v1/traces` comes behind it */
  readonly endpoint: URL
  /** one of OTEL_TRACES_SAMPLER */
  readonly sampler: string
  /** of the traces that are sampled, where the sampler goes by it */
  readonly ratio: number
}

/** Whose spans they are, unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES say otherwise. */
const NAME = resourceFromAttributes({ 'service.name': 'gatehouse' })

/**
 * Makes spans and sends them. OTEL_EXPORTER_OTLP_HEADERS, _TIMEOUT, _COMPRESSION and _CERTIFICATE are read by the exporter.
 * @param say is told, once in a while, of spans that were lost
 */
export function createProvider({ endpoint, sampler, ratio }: Options, say: Say): TracerProvider {
  const url = spansUrl(endpoint)
  return new TracerProvider({
    resource: defaultResource()
      .merge(NAME)
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerOf(sampler, ratio),
    spanProcessors: [createDelivery(new OTLPTraceExporter({ url }), say)],
  })
}

/**
 * Makes a provider that of the whole process, for Next's own spans, and gives what pages ask the backend the page's context.
 * @returns false where there is one already: in development, front and pages are one process
 */
export function joinProcess(provider: TracerProvider): boolean {
  if (!trace.setGlobalTracerProvider(provider)) return false
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  passContextToBackend()
  return true
}

function samplerOf(name: string, ratio: number): Sampler {
  const root = name.endsWith('traceidratio')
    ? new TraceIdRatioBasedSampler(ratio)
    : name.endsWith('off')
      ? new AlwaysOffSampler()
      : new AlwaysOnSampler()
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root
}
