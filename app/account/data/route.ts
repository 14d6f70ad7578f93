import { redirect } from 'next/navigation'
import { askApi } from '../../_api/ask.ts'

/** What the API knows of the visitor, as a file to keep. It goes on to the browser piece by piece, as it comes. */
export async function GET(): Promise<Response> {
  const answer = await askApi('/user/me', { headers: { accept: 'application/json' } }).catch(() => null)
  // that page says what is wrong, and sends to the login whoever is nobody
  if (!answer?.ok) redirect('/account')
  return new Response(answer.body, {
    headers: {
      'Content-Type': 'application/json',
      'Content-Disposition': 'attachment; filename="account.json"',
      'Cache-Control': 'no-store',
    },
  })
}
