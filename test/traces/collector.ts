import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { listen } from '../../lib/front/listen.ts'

const Value = z.object({
  stringValue: z.string().optional(),
  intValue: z.union([z.number(), z.string()]).optional(),
  boolValue: z.boolean().optional(),
  arrayValue: z.object({ values: z.array(z.object({ stringValue: z.string() })) }).optional(),
})
const Attributes = z
  .array(z.object({ key: z.string(), value: Value }))
  .transform(list =>
    Object.fromEntries(
      list.map(({ key, value: { stringValue, intValue, boolValue, arrayValue } }) => [
        key,
        stringValue ?? intValue ?? boolValue ?? arrayValue?.values.map(each => each.stringValue).join(),
      ]),
    ),
  )
const Span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  traceState: z.string().optional(),
  name: z.string(),
  kind: z.int(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes: Attributes,
  events: z.array(z.object({ name: z.string(), attributes: Attributes.optional() })).default([]),
  status: z.object({ code: z.int().optional(), message: z.string().optional() }).optional(),
})
const Export = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: Attributes }),
      scopeSpans: z.array(z.object({ scope: z.object({ name: z.string() }), spans: z.array(Span) })),
    }),
  ),
})

export type ReceivedSpan = z.infer<typeof Span> & { service: unknown; scope: string }

/** By `kind` of OTLP. */
export const KIND = { internal: 1, server: 2, client: 3 }
export const FAILED = 2

const PATIENCE_MS = 15_000
const take = (_req: IncomingMessage, res: ServerResponse) => {
  res.setHeader('Content-Type', 'application/json').end('{}')
}

/** An OTLP/HTTP receiver on loopback, for JSON. `answer` may be worse than a collector's. */
export async function startCollector(
  t: { after(end: () => void): void },
  answer: http.RequestListener = take,
) {
  /** all that came, as bytes and as spans */
  const bytes: string[] = []
  const spans: ReceivedSpan[] = []
  let requests = 0
  const server = http.createServer(async (req, res) => {
    requests++
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    await once(req, 'end')
    const text = Buffer.concat(chunks).toString()
    bytes.push(`${req.method} ${req.url}\n${req.rawHeaders.join('\n')}\n${text}`)
    for (const { resource, scopeSpans } of Export.parse(JSON.parse(text)).resourceSpans) {
      for (const { scope, spans: some } of scopeSpans) {
        const service = resource.attributes['service.name']
        spans.push(...some.map(span => ({ ...span, service, scope: scope.name })))
      }
    }
    answer(req, res)
  })
  t.after(() => void server.close().closeAllConnections())
  const port = await listen(server, 0, '127.0.0.1')
  return {
    url: `http://127.0.0.1:${port}`,
    bytes,
    spans,
    /** how many requests came, whatever became of them */
    requests: () => requests,
    /** resolves when `look` accepts what has come so far */
    async until(look: (spans: readonly ReceivedSpan[]) => boolean) {
      const signal = AbortSignal.timeout(PATIENCE_MS)
      while (!look(spans)) {
        if (signal.aborted) throw new Error(`so far: ${treeOf(spans)}`)
        await sleep(20)
      }
      return spans
    },
  }
}

/** The spans of one trace as a person reads them: indented below their parents, in the order of their starts. */
export function treeOf(spans: readonly ReceivedSpan[], line = (span: ReceivedSpan) => span.name): string {
  const known = new Set(spans.map(({ spanId }) => spanId))
  const below = (parent: string | undefined, indent: string): string[] =>
    spans
      .filter(({ parentSpanId = '' }) =>
        parent === undefined ? !known.has(parentSpanId) : parentSpanId === parent,
      )
      .sort((a, b) => Number(BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano)))
      .flatMap(span => [`${indent}${line(span)}`, ...below(span.spanId, `${indent}  `)])
  return below(undefined, '').join('\n')
}
