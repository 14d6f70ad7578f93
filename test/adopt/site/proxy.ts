import { type NextRequest, NextResponse } from 'next/server'

/** A page, and a file of public/: both are for members. */
export const config = { matcher: ['/members/:path*', '/price-list.txt'] }

export function proxy(request: NextRequest) {
  if (request.cookies.has('session')) return NextResponse.next({ headers: { 'X-Proxy': 'passed' } })
  return NextResponse.redirect(new URL('/shop/login', request.url))
}
