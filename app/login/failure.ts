import type { Messages } from '../_messages/messages.ts'

/** Why a login did not happen, or is not known to have happened. */
export type Failure =
  | { kind: 'credentials' | 'forbidden' | 'crossSite' | 'form' }
  | { kind: 'locked'; seconds: number | null }
  | {
      kind: 'badGateway' | 'unavailable' | 'timeout' | 'unexpected' | 'network'
      /** True only if the login certainly was not carried out. */
      safe: boolean
      requestId: string | null
    }

/** What the API says in /login?error=… to a browser without JavaScript; null for anything else. */
export function failureOfQuery(error: string | string[] | undefined): Failure | null {
  if (error === 'credentials' || error === 'form') return { kind: error }
  return error === 'locked' ? { kind: 'locked', seconds: null } : null
}

/** What an answer to POST /user/login says that is not a success. Reads its body; `now` in ms since 1970. */
export async function failureOfResponse(response: Response, now: number): Promise<Failure> {
  switch (response.status) {
    case 401:
      return { kind: 'credentials' }
    case 403: {
      const { code } = frontError(await response.text().catch(() => ''))
      return { kind: code === 'CROSS_SITE' ? 'crossSite' : 'forbidden' }
    }
    case 400:
    case 413:
    case 415:
      return { kind: 'form' }
    case 429:
      return { kind: 'locked', seconds: secondsOf(response.headers.get('retry-after'), now) }
  }
  const kind = kinds[response.status] ?? 'unexpected'
  const { retry, requestId } = frontError(await response.text().catch(() => ''))
  return {
    kind,
    // A 503 that the front did not write (a load balancer without targets) was carried out by nobody.
    safe: retry ?? kind === 'unavailable',
    requestId: requestId ?? response.headers.get('x-request-id'),
  }
}

/** The failure in sentences: what happened and, where that is not plain, whether to try again. */
export function describeFailure(failure: Failure, messages: Messages['failure']): string[] {
  if (failure.kind === 'locked') return [messages.locked(failure.seconds)]
  if (!('safe' in failure)) return [messages[failure.kind]]
  return [messages[failure.kind], failure.safe ? messages.safe : messages.unsure]
}

const kinds: Partial<Record<number, 'badGateway' | 'unavailable' | 'timeout'>> = {
  502: 'badGateway',
  503: 'unavailable',
  504: 'timeout',
}

/** Retry-After is seconds or a date (RFC 9110 §10.2.3). */
function secondsOf(retryAfter: string | null, now: number): number | null {
  if (retryAfter === null) return null
  const seconds = /^\d+$/.test(retryAfter)
    ? Number(retryAfter)
    : Math.ceil((Date.parse(retryAfter) - now) / 1000)
  return seconds > 0 ? seconds : null
}

/** The front's own error body: {"error":{"code","message","retry"},"requestId"}. Others have other bodies. */
function frontError(text: string): { code: unknown; retry: boolean | null; requestId: string | null } {
  const body = parse(text)
  const error = field(body, 'error')
  const retry = field(error, 'retry')
  const requestId = field(body, 'requestId')
  return {
    code: field(error, 'code'),
    retry: typeof retry === 'boolean' ? retry : null,
    requestId: typeof requestId === 'string' ? requestId : null,
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
