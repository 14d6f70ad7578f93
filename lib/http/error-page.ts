import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Language } from './accept.ts'
import { ERRORS, type ErrorCode } from './errors.ts'

const STYLE =
  ':root{color-scheme:light dark}' +
  'body{font:1rem/1.7 system-ui,sans-serif;max-width:34rem;margin:clamp(2rem,15vh,8rem) auto 2rem;padding:0 1.25rem;' +
  'background:light-dark(#f4f6f8,#10161c);color:light-dark(#1a232b,#e8edf2);overflow-wrap:anywhere}' +
  'h1{font-size:1.375rem;line-height:1.5;text-wrap:balance}' +
  'a{color:light-dark(#1b5e84,#86c5e8);text-underline-offset:.2em}' +
  'a:focus-visible{outline:.1875rem solid;outline-offset:.125rem}' +
  '.small{color:light-dark(#51606d,#a6b3c0);font-size:.875rem}' +
  ':lang(ja) h1{word-break:auto-phrase}'

/**
 * What the pages of app/ have as well (next.config.js); of a page with no script, image or form. The hash lets its own
 * style through, and no other (CSP Level 3, §2.3.1).
 */
export const ERROR_PAGE_HEADERS = {
  'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  'X-Frame-Options': 'DENY',
}

const TEXTS = {
  en: { requestId: 'Request ID: ', back: 'Back to the page before', home: 'Go to the front page' },
  ja: { requestId: 'リクエスト ID：', back: '前のページに戻る', home: 'トップページへ' },
} as const

/** The page of an error: what happened, a way back, and the id by which the log knows it. */
export function errorPage(
  code: ErrorCode,
  language: Language,
  { headers }: Pick<IncomingMessage, 'headers'>,
): string {
  const { status, [language]: sentence } = ERRORS[code]
  const { requestId, back, home } = TEXTS[language]
  const [title = sentence] = /^[^.。]+/.exec(sentence) ?? []
  const path = pathBefore(headers)
  const id = escapeHtml(String(headers['x-request-id'] ?? ''))
  return (
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>${title} (${status})</title><style>${STYLE}</style></head><body><main><h1>${sentence}</h1>` +
    `<p><a href="${escapeHtml(path ?? '/')}">${path === undefined ? home : back}</a></p>` +
    `<p class="small">${requestId}<code>${id}</code></p></main></body></html>\n`
  )
}

/**
 * The page that the client came from, as a path: only one of the origin that it asked, and none that a browser would take
 * for another host (`//host`).
 */
function pathBefore({ referer, ...headers }: IncomingMessage['headers']): string | undefined {
  const from = URL.parse(referer ?? '')
  if (!from) return undefined
  const { protocol, host, pathname, search } = from
  const isOwn = host === headers['x-forwarded-host'] && protocol === `${headers['x-forwarded-proto']}:`
  return isOwn && !pathname.startsWith('//') ? pathname + search : undefined
}

const ESCAPES: { readonly [char: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, char => ESCAPES[char] ?? '')
