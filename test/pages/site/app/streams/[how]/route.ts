/** Answers whose head says something of their body, and bodies that come as they are pulled. */
export async function GET(_request: Request, { params }: { params: Promise<{ how: string }> }) {
  const text = new TextEncoder()
  let pulled = 0
  const body = new ReadableStream({
    pull(stream) {
      if (pulled === 3) stream.close()
      else stream.enqueue(text.encode(`piece ${pulled++} `))
    },
  })
  switch ((await params).how) {
    case 'too-long':
      return new Response(body, { headers: { 'Content-Length': '8' } })
    case 'length':
      return new Response(body, { headers: { 'Content-Length': '24' } })
    case 'chunked':
      return new Response(body, { headers: { 'Transfer-Encoding': 'chunked', Connection: 'close' } })
    case 'none':
      return new Response(null)
    case 'lists':
      return new Response(body, {
        headers: [
          ['Set-Cookie', 'a=1'],
          ['Set-Cookie', 'b=2'],
          ['Link', '</a.css>'],
          ['Link', '</b.css>'],
          ['Vary', 'X-A'],
          ['X-Latin', 'café'],
        ],
      })
    default:
      return new Response(body, { status: 299, statusText: 'Very Odd' })
  }
}
