import { cookies } from 'next/headers'
import type { NextRequest } from 'next/server'

/** What a handler is asked, and two cookies and a header of its own. */
async function answer(request: NextRequest) {
  const jar = await cookies()
  jar.set('a', '1', { httpOnly: true })
  jar.set('b', '太郎')
  return Response.json(
    {
      method: request.method,
      query: [...request.nextUrl.searchParams],
      cookies: jar.getAll().length,
      type: request.headers.get('content-type'),
      language: request.headers.get('accept-language'),
      framing: [request.headers.get('content-length'), request.headers.get('transfer-encoding')],
      body: await request.text(),
    },
    { status: 201, headers: { 'X-Own': 'yes', Vary: 'Origin' } },
  )
}

export { answer as DELETE, answer as GET, answer as PATCH, answer as POST, answer as PUT }
