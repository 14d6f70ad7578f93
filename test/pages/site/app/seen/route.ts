import { headers } from 'next/headers'
import type { NextRequest } from 'next/server'

/** Where a route handler is, as far as it knows. */
export async function GET({ nextUrl, url }: NextRequest) {
  const host = (await headers()).get('host')
  return Response.json({ url, origin: nextUrl.origin, host, port: process.env.PORT })
}
