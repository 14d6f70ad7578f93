/**
 * The runbook as a page of the admin listener: whoever was just woken up may reach nothing else. A section can be reached by
 * the name that GitHub gives its heading; what is in it stays Markdown.
 * @param markdown docs/runbook.md
 */
export function runbookPage(markdown: string): string {
  const [, ...sections] = markdown.split(/^## /m)
  const parts = sections.map(section => {
    const [heading = '', ...rest] = section.split('\n')
    return `<section id="${anchorOf(heading)}"><h2>${escapeHtml(heading)}</h2><pre>${escapeHtml(rest.join('\n').trim())}</pre></section>\n`
  })
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Runbook – Gatehouse</title><link rel="stylesheet" href="runbook.css"></head><body><main><h1>Runbook</h1><p><a href="/">Status page</a></p>\n${parts.join('')}</main></body></html>\n`
}

/** As GitHub does it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-')

const ESCAPES: { readonly [char: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const escapeHtml = (text: string) => text.replace(/[&<>]/g, char => ESCAPES[char] ?? '')
