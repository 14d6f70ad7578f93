import { type NextRequest, NextResponse } from 'next/server'

/** What proxies of apps do: a default language without a prefix, a tenant by its host, and each way to name a URL. */
export const config = {
  matcher: ['/catalog', '/de/catalog', '/home', '/same', '/elsewhere', '/moved', '/proxied', '/refused'],
}

export function proxy(request: NextRequest) {
  const { headers, nextUrl, url } = request
  const there = nextUrl.clone()
  switch (nextUrl.pathname) {
    case '/catalog':
      return NextResponse.rewrite(new URL('/de/catalog', url))
    case '/de/catalog':
      return NextResponse.redirect(new URL('/catalog', url))
    case '/home':
      return NextResponse.rewrite(new URL(`/tenants/${headers.get('host')?.split(/[.:]/)[0]}`, url))
    case '/same':
      there.pathname = '/tenants/same'
      return NextResponse.rewrite(there.href)
    case '/elsewhere':
      return NextResponse.rewrite(new URL('/there', process.env.ELSEWHERE))
    case '/refused':
      throw new Error('of proxy.ts')
    case '/moved':
      there.pathname = '/tenants/moved'
      return NextResponse.redirect(there)
    default:
      return NextResponse.json({ url, href: nextUrl.href, host: nextUrl.host })
  }
}
