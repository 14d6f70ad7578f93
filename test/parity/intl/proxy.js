import { NextResponse } from 'next/server'
import createMiddleware from 'next-intl/middleware'
import { routing } from './i18n/routing.js'

const byLanguage = createMiddleware(routing)

/** A tenant by its host, as in Vercel's platforms kit; every other host by its language. */
export default function proxy(request) {
  const [, tenant] = /^(\w+)\.shop\.dev\.jp(:|$)/.exec(request.headers.get('host') ?? '') ?? []
  if (tenant === undefined) return byLanguage(request)
  const { pathname, search } = request.nextUrl
  if (pathname === '/old') return NextResponse.redirect(new URL('/new', request.url))
  return NextResponse.rewrite(
    new URL(`/tenants/${tenant}${pathname === '/' ? '' : pathname}${search}`, request.url),
  )
}

export const config = { matcher: '/((?!_next|.*\\..*).*)' }
