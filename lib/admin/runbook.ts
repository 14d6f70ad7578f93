import type { Language } from '../http/accept.ts'
import { escapeHtml } from '../http/error-page.ts'

/**
 * The runbook as a page of the admin listener: whoever was just woken up may reach nothing else. A section can be reached by
 * the name that GitHub gives its heading, or by the id that stands in it; what is in it stays Markdown.
 * @param markdown docs/runbook.md or docs/runbook.ja.md
 */
export function runbookPage(markdown: string, language: Language = 'en'): string {
  const { title, statusPage } = TEXTS[language]
  const [, ...sections] = markdown.split(/^## /m)
  const parts = sections.map(section => {
    const [line = '', ...rest] = section.split('\n')
    const [, id, heading = ''] = /^(?:<a id="([\w-]+)"><\/a>)?(.*)$/.exec(line) ?? []
    return `<section id="${id ?? anchorOf(heading)}"><h2>${escapeHtml(heading)}</h2><pre>${escapeHtml(rest.join('\n').trim())}</pre></section>\n`
  })
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} – Gatehouse</title><link rel="stylesheet" href="runbook.css"></head><body><main><h1>${title}</h1><p><a href="/">${statusPage}</a></p>\n${parts.join('')}</main></body></html>\n`
}

const TEXTS: { readonly [language in Language]: { readonly title: string; readonly statusPage: string } } = {
  en: { title: 'Runbook', statusPage: 'Status page' },
  ja: { title: 'ランブック', statusPage: 'ステータスページ' },
}

/** As GitHub does it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-')
