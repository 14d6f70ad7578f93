import { ask, header, type RawAnswer, request } from '../raw.ts'

/** What the front has as PUBLIC_ORIGIN: X-Forwarded-Host counts for it alone. */
export const PUBLIC_ORIGIN = 'https://shop.dev.jp'

/** As whom a visitor comes: directly, or through a load balancer that ends TLS. */
export const WAYS: Readonly<Record<string, readonly string[]>> = {
  'over http': ['Host: www.dev.jp'],
  'behind https': ['Host: www.dev.jp', 'X-Forwarded-Proto: https'],
  'behind https, with X-Forwarded-Host': [
    'Host: inner.dev.jp',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Host: shop.dev.jp',
  ],
}

type Row = (port: number, way: readonly string[]) => Promise<RawAnswer>

const get =
  (path: string): Row =>
  (port, way) =>
    ask(port, request(`GET ${path}`, way))

/** The page that the way into draft mode leads to, with the cookie that it gives. */
const draft: Row = async (port, way) => {
  const cookies = header(await get('/draft')(port, way), 'set-cookie') ?? ''
  return ask(port, request('GET /tenants/draft', [...way, `Cookie: ${cookies.split(';')[0]}`]))
}

/** Posts as a browser without scripts does, or with them. */
function act(withScript: boolean, at = '/act'): Row {
  return async (port, way) => {
    const [, id = ''] = /name="\$ACTION_ID_([^"]+)"/.exec((await get('/act')(port, way)).body) ?? []
    const proto = way.some(each => each.endsWith('https')) ? 'https' : 'http'
    const host = way.findLast(each => /host: /i.test(each))?.split(': ')[1]
    const origin = `Origin: ${proto}://${host}`
    if (withScript) {
      const headers = [...way, origin, 'Content-Type: text/plain;charset=UTF-8', `Next-Action: ${id}`]
      return ask(port, request(`POST ${at}`, [...headers, 'Accept: text/x-component'], '[]'))
    }
    const body = `--b\r\nContent-Disposition: form-data; name="$ACTION_ID_${id}"\r\n\r\n\r\n--b--\r\n`
    return ask(
      port,
      request('POST /act', [...way, origin, 'Content-Type: multipart/form-data; boundary=b'], body),
    )
  }
}

/** An action whose redirect Next follows itself, so that the browser gets the next page at once. */
export const actWithScript = act(true)

/** Each with words that its answer must have, so that two wrong answers are not the same. */
export const ROWS: readonly { name: string; row: Row; status: number; has: RegExp }[] = [
  {
    name: 'the default language without its prefix',
    row: get('/catalog'),
    status: 200,
    has: /de catalog for/,
  },
  { name: 'the default language with its prefix', row: get('/de/catalog'), status: 307, has: /^\/catalog$/ },
  { name: 'another language', row: get('/fr/catalog'), status: 200, has: /fr catalog for/ },
  { name: 'a tenant by its host', row: get('/home'), status: 200, has: /tenant (www|inner) at/ },
  {
    name: 'a rewrite to an absolute URL of the same origin',
    row: get('/same'),
    status: 200,
    has: /tenant same at/,
  },
  { name: 'a rewrite to another server', row: get('/elsewhere'), status: 200, has: /from elsewhere/ },
  {
    name: 'a redirect to a clone of nextUrl',
    row: get('/moved?a=1'),
    status: 307,
    has: /^\/tenants\/moved\?a=1$/,
  },
  { name: 'request.url in proxy.ts', row: get('/proxied?a=1'), status: 200, has: /localhost:PORT/ },
  {
    name: 'request.url, nextUrl, Host and PORT in a route handler',
    row: get('/seen'),
    status: 200,
    has: /localhost:PORT/,
  },
  { name: 'request.url on the edge runtime', row: get('/edge'), status: 200, has: /localhost:PORT/ },
  {
    name: 'a redirect of a route handler by request.url',
    row: get('/self'),
    status: 302,
    has: /localhost:PORT\/tenants\/self$/,
  },
  {
    name: 'the default origin of og:image',
    row: get('/card'),
    status: 200,
    has: /http:\/\/localhost:PORT\/card\.png/,
  },
  { name: 'the way into draft mode', row: get('/draft'), status: 307, has: /^\/tenants\/draft$/ },
  { name: 'a page in draft mode', row: draft, status: 200, has: /tenant draft at .*, a draft$/ },
  {
    name: 'a server action that redirects, without scripts',
    row: act(false),
    status: 303,
    has: /^\/tenants\/acted$/,
  },
  {
    name: 'a server action that redirects, with scripts',
    row: actWithScript,
    status: 200,
    has: /tenant acted at/,
  },
  {
    name: 'a server action of another page, to which Next forwards it',
    row: act(true, '/fixed'),
    status: 200,
    has: /tenant acted at/,
  },
  {
    name: 'a page of the Pages Router in the default locale',
    row: get('/greeting'),
    status: 200,
    has: /greeting in en at/,
  },
  {
    name: 'a page of the Pages Router in another locale',
    row: get('/ja/greeting'),
    status: 200,
    has: /greeting in ja at/,
  },
]

/** What of an answer must be the same, with the server's own port as PORT. */
export function essence(answer: RawAnswer, port: number): Record<string, string | number | undefined> {
  const same = (text: string | undefined) => text?.replaceAll(String(port), 'PORT')
  const of = (name: string) => same(header(answer, name))
  const [, text = same(answer.body)] = /<body[^>]*>.*?<p>(.*?)<\/p>/s.exec(answer.body) ?? []
  const [picture] = /<meta property="og:image"[^>]*>/.exec(answer.body) ?? []
  return {
    status: answer.status,
    location: of('location'),
    action: of('x-action-redirect'),
    type: of('content-type'),
    rewrite: of('x-middleware-rewrite'),
    // an action's answer is a stream of pieces that names the build's files
    text:
      header(answer, 'content-type') === 'text/x-component'
        ? /tenant \w+ at [\w.]+/.exec(answer.body)?.[0]
        : text,
    picture: same(picture),
  }
}
