import { ask, header, request } from '../raw.ts'
import type { Request } from './requests.ts'

/** Of this one answer alone, or of a hop (docs/parity.md). */
const OF_ONE = new Set(['date', 'connection', 'keep-alive', 'x-request-id'])
/** A time, and the key that Next makes up for a page that is not there. */
const OF_ONE_ANSWER = /made at [\d.]+|"[\w-]{21}[vm]"/g
/** What the front has compressed at the build comes in one piece, smaller. */
const OF_CODING = new Set(['content-length', 'transfer-encoding'])

/** Status, headers and body of an answer, without what is of one answer alone; the server's own port is PORT. */
export type Essence = { status: number; headers: Record<string, string>; body: string }

async function essenceOf(port: number, each: Request, way: readonly string[]): Promise<Essence> {
  const { method, path, headers, body } = each
  const text = request(
    `${method} ${path}`,
    [...way, ...headers],
    body === undefined ? undefined : Buffer.from(body).toString('latin1'),
  )
  const answer = await ask(port, text, method === 'HEAD')
  const isCoded = header(answer, 'content-encoding') !== undefined
  const same = (value: string) => value.replaceAll(String(port), 'PORT')
  const isOwn = (name: string) => !OF_ONE.has(name) && !(isCoded && OF_CODING.has(name))
  const entries = answer.headers.map(([name, value]) => [name.toLowerCase(), same(value)] as const)
  const found: Record<string, string> = {}
  for (const [name, value] of entries.filter(([name]) => isOwn(name)))
    found[name] = found[name] === undefined ? value : `${found[name]} | ${value}`
  return {
    status: answer.status,
    headers: found,
    body: isCoded ? '' : same(answer.body).replace(OF_ONE_ANSWER, 'ONE'),
  }
}

/** A streamed page's pieces come in the order in which they are ready: on a busy machine in another one at times. */
const TRIES = 3

/**
 * What differs between the answers of two servers, a line each. A body alone is asked for again where it differs.
 * @param ports of `next start`, and of the other
 */
export async function compare(
  [there, here]: readonly [number, number],
  each: Request,
  way: readonly string[],
): Promise<string[]> {
  for (let tries = 1; ; tries++) {
    const lines = differences(await essenceOf(there, each, way), await essenceOf(here, each, way))
    if (tries === TRIES || lines.length === 0 || lines.some(line => !line.startsWith('body: '))) return lines
  }
}

function differences(expected: Essence, found: Essence): string[] {
  const lines: string[] = []
  if (expected.status !== found.status) lines.push(`status: ${expected.status}, here ${found.status}`)
  for (const name of new Set([...Object.keys(expected.headers), ...Object.keys(found.headers)])) {
    const [there, here] = [expected.headers[name], found.headers[name]]
    if (there !== here) lines.push(`${name}: ${there}, here ${here}`)
  }
  if (expected.body !== found.body) lines.push(`body: ${excerpt(expected.body, found.body)}`)
  return lines
}

/** From where two texts part. */
function excerpt(one: string, other: string): string {
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  const from = Math.max(0, at - 20)
  return `${JSON.stringify(one.slice(from, at + 60))}, here ${JSON.stringify(other.slice(from, at + 60))}`
}
