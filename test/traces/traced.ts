import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { eventually } from '../raw.ts'
import { type Stage, stage } from '../stage.ts'
import { type ReceivedSpan, startCollector, treeOf } from './collector.ts'

/** A front with traces on, and all that it sends. */
export async function traced(t: TestContext, options: Parameters<typeof stage>[1] = {}) {
  const collector = await startCollector(t)
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...options.env }
  const front = await stage(t, { ...options, env })
  /** All that was sent; the front sends no more afterwards. */
  const spans = async () => {
    await front.traces?.close()
    return collector.spans
  }
  return { front, collector, spans }
}

/** The attributes of the one span with a name. */
export const only = (spans: readonly ReceivedSpan[], name: string) => {
  const found = spans.filter(each => each.name === name)
  assert.equal(found.length, 1, `${name}: ${treeOf(spans)}`)
  return found[0]?.attributes ?? {}
}

/** Over for the front, spans included: the client has its answer a moment before. */
export const over = (front: Stage, count = 1) =>
  eventually(() => front.log.filter(({ msg }) => msg === 'request').length === count)
