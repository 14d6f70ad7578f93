export const dynamic = 'force-dynamic'

export function GET() {
  throw new Error('of a route handler')
}
