import type { Balancer } from './balancer.ts'
import type { Front } from './front.ts'

/** A request that a client sent, as it saw the end of it. */
export type Sent = {
  readonly id?: string | undefined
  readonly method: string
  readonly path: string
  readonly status?: number | undefined
  readonly error?: string | undefined
}

type Facts = {
  readonly front: Pick<Front, 'status' | 'log'>
  readonly balancer?: Observed | undefined
  /** When what is to be explained began, in epoch milliseconds. */
  readonly since: number
  /** What failed, from the client's side. */
  readonly sent: readonly Sent[]
}

type Observed = Pick<Balancer, 'seen' | 'events' | 'origin'>

type Route = { readonly path: string; readonly kind: string; readonly to: string }

const MOST = 5

/** Sentences that say why requests failed, from what client, front and balancer saw. The likeliest reason comes first. */
export async function explain({ front, balancer, since, sent }: Facts): Promise<string[]> {
  const routes = await front.status().then(routesOf, () => undefined)
  const words = balancer
    ? [...notPassedOn(sent, routes, balancer, since), ...didNotFollow(sent, balancer, since)]
    : []
  return [...unreached(balancer, since), ...words, ...troubles(balancer), ...said(front.log, since)].slice(
    0,
    MOST,
  )
}

/** What did not come to the balancer by a route: none takes it, so the pages have answered it or passed it on, or the route leads elsewhere. */
function notPassedOn(
  sent: readonly Sent[],
  routes: readonly Route[] | undefined,
  { seen, origin }: Observed,
  since: number,
): string[] {
  const all = [...new Map(sent.map(each => [`${each.method} ${each.path}`, each])).values()]
  return all.flatMap(({ method, path, status, error }) => {
    // a route may give it another path
    const isOne = (id: string) => sent.some(each => each.path === path && each.id === id)
    const reached = seen.requests.some(each => each.at >= since && (each.path === path || isOne(each.id)))
    const answer = status === undefined ? `got no answer (${error})` : `was answered with ${status}`
    const taking = routes?.filter(each => covers(each.path, path))
    const isRouted = taking && taking.length > 0
    const known = routes?.map(each => each.path).join(', ')
    if (isRouted === false && reached)
      return `${method} ${path} reached the API, but not through Gatehouse: no route takes this path (routes: ${known}), so the pages pass it on, as a rewrite in next.config does. Such a request has neither Gatehouse's DNS cache nor its failover. Write BACKEND_PATHS=${path}, or give it a route in gatehouse.config, and take the rewrite out.`
    if (isRouted === false)
      return `${method} ${path} ${answer} by the pages: no route takes this path (routes: ${known}), so it was not passed on to the API. Write BACKEND_PATHS=${path}, or give it a route in gatehouse.config.`
    if (reached) return []
    if (taking?.every(({ to }) => !`${to}/`.startsWith(`${origin}/`)))
      return `${method} ${path} ${answer}; its route leads to ${taking.map(({ to }) => to).join(', ')}, and not to the balancer (${origin}). If the app has a gatehouse.config, write \`to: process.env.API_ORIGIN\` there, and set API_ORIGIN to \`balancer.origin\` in the \`settings\` of the front that the test starts; if it has none, take BACKEND_ORIGIN out of these \`settings\`.`
    return `${method} ${path} ${answer}; it did not reach the API.`
  })
}

/** At a segment boundary. */
const covers = (route: string, path: string) =>
  route === '/' ||
  path === route.replace(/^= /, '') ||
  path.startsWith(route.endsWith('/') ? route : `${route}/`)

/** After the last change of the addresses. */
function didNotFollow(sent: readonly Sent[], { events, seen }: Observed, since: number): string[] {
  const change = events.findLast(each => each.fresh !== undefined)
  if (!change || change.at < since || sent.length === 0) return []
  const { fresh = [], old = [] } = change
  const came = seen.requests.filter(each => each.at >= change.at && fresh.includes(each.node)).length
  const at = new Date(change.at).toISOString()
  if (fresh.length === 0) return []
  const moved = `The addresses changed at ${at}, from ${old.join(', ')} to ${fresh.join(', ')}.`
  return came === 0
    ? [
        `${moved} Since then no request has come to the new addresses: what sends the requests does not follow DNS: it does not ask again, or goes on to use an answer that it has cached.`,
      ]
    : [
        `${moved} Since then ${came === 1 ? '1 request has' : `${came} requests have`} come to the new addresses, but others failed: what sends the requests goes on to use addresses that are gone, or does not wait until DNS lists others.`,
      ]
}

/** The API behind the balancer: then Gatehouse has not failed. */
function unreached(balancer: Observed | undefined, since: number): string[] {
  const last = balancer?.events.findLast(each => each.unreached !== undefined)
  return last && last.at >= since ? [`${upper(last.what)}. Start the API there, or correct \`target\`.`] : []
}

const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

function troubles(balancer: Observed | undefined): string[] {
  const last = balancer?.events.findLast(each => each.unreached === undefined)
  return last && last.fresh === undefined
    ? [`Last done to the balancer, at ${new Date(last.at).toISOString()}: ${last.what}.`]
    : []
}

/** What the front's log has at warn and above, each kind once. */
function said(log: readonly string[], since: number): string[] {
  const kinds = new Map<string, number>()
  for (const line of log) {
    const { level, time, code, cause, msg, method, path, status, address } = parse(line)
    const isHigh =
      typeof level === 'number' ? level >= 40 : ['warn', 'error', 'fatal'].includes(String(level))
    if (!isHigh || timeOf(time) < since) continue
    // a 5xx that is not Gatehouse's own has no code
    const answered = `${method} ${path} got ${status} from ${address === undefined ? 'the app' : 'the API'} itself`
    const what = [code ?? (msg === 'request' ? answered : msg), cause]
      .filter(each => each !== undefined)
      .join(': ')
    kinds.set(what, (kinds.get(what) ?? 0) + 1)
  }
  return [...kinds].map(
    ([what, count]) => `Gatehouse's log says, ${count === 1 ? 'once' : `${count} times`}: ${what}`,
  )
}

const timeOf = (time: unknown) => (typeof time === 'number' ? time : Date.parse(String(time)))

function parse(line: string): Record<string, unknown> {
  if (!line.startsWith('{')) return {}
  try {
    return { ...JSON.parse(line) }
  } catch {
    return {}
  }
}

function routesOf(status: unknown): readonly Route[] | undefined {
  if (typeof status !== 'object' || status === null || !('routes' in status)) return undefined
  const { routes } = status
  return Array.isArray(routes) ? routes : undefined
}
