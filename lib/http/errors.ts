/**
 * Every error that the front answers with.
 * `status` is what the client gets; `retry` says whether the same request may be retried without the
 * risk that it runs twice; `en`/`ja` is the one sentence for the person who reads it. Host, URL and cause are
 * never part of an answer: they go to the log.
 */
export const ERRORS = {
  BAD_REQUEST: {
    status: 400,
    retry: false,
    en: 'The request is malformed.',
    ja: 'リクエストの形式が正しくありません。',
  },
  CROSS_SITE: {
    status: 403,
    retry: false,
    en: 'This request came from another site and was refused.',
    ja: '別のサイトからのリクエストのため、受け付けられませんでした。',
  },
  NOT_FOUND: {
    status: 404,
    retry: false,
    en: 'There is nothing at this address.',
    ja: 'お探しのページは見つかりません。',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    retry: false,
    en: 'This method is not allowed here.',
    ja: 'このメソッドは使用できません。',
  },
  CLIENT_TIMEOUT: {
    status: 408,
    retry: true,
    en: 'The request did not arrive in time, so nothing was done. Please try again.',
    ja: 'リクエストが時間内に届きませんでした。処理は行われていませんので、もう一度お試しください。',
  },
  CLIENT_STALLED: {
    status: 408,
    retry: false,
    en: 'The rest of the request did not arrive in time. The request may or may not have been carried out.',
    ja: 'リクエストの残りが時間内に届きませんでした。処理が完了したかどうかは確認できていません。',
  },
  BODY_TOO_LARGE: {
    status: 413,
    retry: false,
    en: 'The data that was sent is too large.',
    ja: '送信されたデータが大きすぎます。',
  },
  MISDIRECTED: {
    status: 421,
    retry: false,
    en: 'This server does not serve this host name.',
    ja: 'このホスト名では利用できません。',
  },
  TOO_MANY: {
    status: 429,
    retry: true,
    en: 'Too many logins have failed, so this one was not tried. Please try again later.',
    ja: 'ログインの失敗が続いたため、受け付けられませんでした。しばらくしてからもう一度お試しください。',
  },
  INTERNAL: {
    status: 500,
    retry: false,
    en: 'Something went wrong on our side. The request may or may not have been carried out.',
    ja: 'サーバーでエラーが発生しました。処理が完了したかどうかは確認できていません。',
  },
  BACKEND_UNREACHABLE: {
    status: 502,
    retry: true,
    en: 'The service could not be reached, so nothing was done. Please try again.',
    ja: 'サービスに接続できませんでした。処理は行われていませんので、もう一度お試しください。',
  },
  BACKEND_BROKE_OFF: {
    status: 502,
    retry: false,
    en: 'The connection to the service broke off. The request may or may not have been carried out.',
    ja: 'サービスとの接続が途中で切れました。処理が完了したかどうかは確認できていません。',
  },
  BACKEND_BAD_ANSWER: {
    status: 502,
    retry: false,
    en: 'The service sent an invalid response. The request may or may not have been carried out.',
    ja: 'サービスから正しい応答が得られませんでした。処理が完了したかどうかは確認できていません。',
  },
  BACKEND_UNKNOWN: {
    status: 503,
    retry: true,
    en: 'The service has not been found yet, so nothing was done. Please try again in a moment.',
    ja: 'サービスの準備ができていません。処理は行われていませんので、しばらくしてからもう一度お試しください。',
  },
  BACKEND_FULL: {
    status: 503,
    retry: true,
    en: 'Too many requests are waiting for the service, so nothing was done. Please try again in a moment.',
    ja: 'サービスへのリクエストが混み合っています。処理は行われていませんので、しばらくしてからもう一度お試しください。',
  },
  PAGE_UNAVAILABLE: {
    status: 503,
    retry: true,
    en: 'This page cannot be shown right now, so nothing was done. Please try again in a moment.',
    ja: 'ただいまページを表示できません。処理は行われていませんので、しばらくしてからもう一度お試しください。',
  },
  FULL: {
    status: 503,
    retry: true,
    en: 'This site has too many visitors right now, so nothing was done. Please try again in a moment.',
    ja: 'ただいま混み合っています。処理は行われていませんので、しばらくしてからもう一度お試しください。',
  },
  PAGE_BROKE_OFF: {
    status: 502,
    retry: false,
    en: 'This page stopped before it was complete. The request may or may not have been carried out.',
    ja: 'ページの処理が途中で止まりました。処理が完了したかどうかは確認できていません。',
  },
  BACKEND_TIMEOUT: {
    status: 504,
    retry: false,
    en: 'The service did not answer in time. The request may or may not have been carried out.',
    ja: 'サービスが時間内に応答しませんでした。処理が完了したかどうかは確認できていません。',
  },
} as const

export type ErrorCode = keyof typeof ERRORS

/** The cause of a BACKEND_FULL that says nothing of the API: no memory was left to hold a login's body in. */
export const BODIES_FULL = 'BODY_MEMORY is full'

/** An error with an entry in the table; `cause` keeps what really happened, for the log only. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly code: ErrorCode
  /** when it may be tried again, where that is known */
  readonly retryAfterSeconds: number | undefined

  constructor(code: ErrorCode, cause?: unknown, retryAfterSeconds?: number) {
    super(ERRORS[code].en, cause === undefined ? undefined : { cause })
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** What the log says of an error: code and message of it and of its causes, never a stack with values in it. */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.map(describeError))].join('; ')
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : ` (${describeError(error.cause)})`
  // its sentence is for visitors, and may ask them to try again
  if (error instanceof GatewayError) return `${error.code}${cause}`
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : ''
  return `${code}${messageOf(error)}${cause}`
}

/** Of OpenSSL its reason: its message has a thread, a function, a file of its source and a line end as well. */
const messageOf = (error: Error) =>
  'library' in error && 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message

/** The code of an error of the operating system, DNS, TLS or Node: `ECONNREFUSED`; undefined where it has none. */
export const systemErrorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined

/** That as a label of metrics: never a text, for the set of labels must stay small, and a text may say anything. */
export function errorCodeLabel(error: unknown): string {
  const code = systemErrorCode(error) ?? ''
  return /^\w{1,64}$/.test(code) ? code : 'other'
}
