export const dynamic = 'force-dynamic'

export function GET() {
  return new Response('large', { headers: { 'X-Large': 'x'.repeat(20_000) } })
}
