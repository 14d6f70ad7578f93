import type { Outcome } from './ask.ts'

/** Of one answer or one hop. */
const OF_ANSWER = new Set([
  'date',
  'server',
  'connection',
  'keep-alive',
  'x-request-id',
  'transfer-encoding',
  'content-length',
])
const OF_REQUEST = new Set(['connection', 'transfer-encoding', 'content-length', 'expect'])
/** Each opening has one of its own. */
const OF_SOCKET = new Set(['sec-websocket-key'])

/**
 * What the client got and what an API received, field by field.
 * @returns a line for each difference
 */
export function differences(nginx: Outcome, front: Outcome): string[] {
  const lines: string[] = []
  const field = (name: string, there: string | number | undefined, here: string | number | undefined) => {
    if (there !== here) lines.push(`${name}: ${there ?? 'none'}, here ${here ?? 'none'}`)
  }
  field('status', nginx.status, front.status)
  field(
    'answered by',
    nginx.received?.who ?? nginx.headers['x-who'],
    front.received?.who ?? front.headers['x-who'],
  )
  field('the rest of the body', nginx.rest || undefined, front.rest || undefined)
  // an error page of its own is each one's own
  if (nginx.headers['x-who'] !== undefined && front.headers['x-who'] !== undefined)
    for (const name of names(nginx.headers, front.headers))
      if (!OF_ANSWER.has(name)) field(`answer's ${name}`, nginx.headers[name], front.headers[name])
  const [there, here] = [nginx.received, front.received]
  if (!there || !here) return lines
  field('method', there.method, here.method)
  field('target', there.url, here.url)
  field('body', there.body, here.body)
  // Next goes by Host and X-Forwarded-*, which the front writes for it
  if (there.who === 'page') return lines
  for (const name of names(there.headers, here.headers))
    if (!OF_REQUEST.has(name) && !OF_SOCKET.has(name))
      field(`API's ${name}`, there.headers[name], here.headers[name])
  return lines
}

const names = (one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>) =>
  new Set([...Object.keys(one), ...Object.keys(other)])
