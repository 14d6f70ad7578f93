import { setTimeout as sleep } from 'node:timers/promises'

export const dynamic = 'force-dynamic'

/** An event stream that pauses. */
export function GET() {
  const encoder = new TextEncoder()
  const body = new ReadableStream({
    async start(stream) {
      for (const word of ['one', 'two', 'three']) {
        stream.enqueue(encoder.encode(`data: ${word}\n\n`))
        await sleep(100)
      }
      stream.close()
    },
  })
  return new Response(body, { headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' } })
}
