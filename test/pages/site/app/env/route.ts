/** What of the app's .env files counts, as each names itself. */
export const dynamic = 'force-dynamic'

export function GET() {
  const { OF_LOCAL, OF_PRODUCTION, OF_ALL, NODE_ENV } = process.env
  return Response.json({ OF_LOCAL, OF_PRODUCTION, OF_ALL, NODE_ENV })
}
