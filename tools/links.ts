import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const LINK =
  /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|^\[[^\]]+\]:\s*(\S+)|\b(?:href|src|srcset)="([^"]+)"/gm
const HEADING = /^#{1,6}\s+(.+?)\s*#*$/gm
const ANCHOR = /<a id="([^"]+)"><\/a>/
const FENCED = /^ *(`{3,}|~{3,})[\s\S]*?^ *\1/gm
const FOREIGN = /^([a-z][a-z\d+.-]*:|\/\/)/i
/** What is built or installed, hidden folders included. */
const NOT_OURS = /(^|\/)(\..*|node_modules|cdk\.out|dist|test-results)$/

/** The pages of a repository in Markdown, as paths from its root. */
export const markdownOf = (root: string): string[] =>
  globSync('**/*.md', { cwd: root, exclude: path => NOT_OURS.test(path) }).sort()

/** The targets of all links and pictures, foreign ones left out. */
export function linksOf(markdown: string): string[] {
  const text = markdown.replace(FENCED, '').replace(/`[^`\n]*`/g, '``')
  return [...text.matchAll(LINK)]
    .map(([, inline, reference, attribute]) => inline ?? reference ?? attribute ?? '')
    .filter(target => !FOREIGN.test(target))
}

/** What a page's headings can be reached by: as GitHub names them, and by an `<a id="…"></a>` that stands in them. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>()
  for (const [, heading = ''] of markdown.replace(FENCED, '').matchAll(HEADING)) {
    const [, id] = ANCHOR.exec(heading) ?? []
    if (id !== undefined) anchors.add(id)
    const slug = heading
      .replace(ANCHOR, '')
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-')
    let name = slug
    for (let again = 1; anchors.has(name); again++) name = `${slug}-${again}`
    anchors.add(name)
  }
  return anchors
}

/** Links that lead nowhere: `docs/a.md: b.md#no-such-heading`. */
export function brokenLinks(root: string): string[] {
  const pages = new Map(markdownOf(root).map(page => [page, readFileSync(join(root, page), 'utf8')]))
  const anchors = new Map([...pages].map(([page, text]) => [page, anchorsOf(text)]))
  const isBroken = (page: string, link: string) => {
    const [path = '', anchor] = decodeURIComponent(link).split('#')
    const target = relative(root, path === '' ? join(root, page) : resolve(root, dirname(page), path))
    if (target.startsWith('..') || !existsSync(join(root, target))) return true
    // `#L10` in a source file is GitHub's own
    return anchor !== undefined && pages.has(target) && !anchors.get(target)?.has(anchor)
  }
  return [...pages].flatMap(([page, text]) =>
    linksOf(text)
      .filter(link => isBroken(page, link))
      .map(link => `${page}: ${link}`),
  )
}
