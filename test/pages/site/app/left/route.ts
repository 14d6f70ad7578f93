/** How many of its event streams have been left. */
let left = 0

export async function GET(request: Request) {
  if (!new URL(request.url).searchParams.has('stream')) return new Response(String(left))
  request.signal.addEventListener('abort', () => left++)
  const event = new TextEncoder().encode('data: one\n\n')
  return new Response(new ReadableStream({ start: stream => stream.enqueue(event) }))
}

/** Reads the first piece of its body alone. */
export async function POST(request: Request) {
  await request.body?.getReader().read()
  return new Response('enough', { status: 413 })
}
