import type { NextRequest } from 'next/server'

export const runtime = 'edge'

export function GET({ nextUrl, url }: NextRequest) {
  return Response.json({ url, origin: nextUrl.origin })
}
