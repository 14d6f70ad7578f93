import { readdir, readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Language } from '../http/accept.ts'
import { runbookPage } from './runbook.ts'

type PageFile = { readonly type: string; readonly text: string; readonly gzip: Buffer }

const compress = promisify(gzip)

const HTML = 'text/html; charset=utf-8'
const TYPES: { readonly [extension: string]: string } = {
  '.html': HTML,
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Everything comes from this process, and nothing inline: a text that got into the page could neither run nor call out. */
export const PAGE_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
}

/** Before the path of what is there in Japanese as well; no path begins so. */
const JAPANESE = 'ja'

type PageFiles = ReadonlyMap<string, PageFile>
type FindFile = (path: string, language: Language) => Promise<PageFile | undefined>

/** Finds a file of the status page, in that language if it is there. They are read once, when they are asked for; after a failure, again. */
export function createPageFiles(): FindFile {
  let reading: Promise<PageFiles> | undefined
  return async (path, language) => {
    reading ??= readPage().catch((error: unknown) => {
      reading = undefined
      throw error
    })
    const files = await reading
    return (language === 'ja' ? files.get(JAPANESE + path) : undefined) ?? files.get(path)
  }
}

/** Those of page/ as they are, uPlot's own and the runbook; a bundle has those in page/, too (tools/bundle.ts). */
async function readPage(): Promise<PageFiles> {
  const folder = new URL('./page/', import.meta.url)
  const own = await readdir(folder)
  const files = own
    .filter(name => TYPES[extname(name)] !== undefined)
    .map((name): [string, URL] => [name === 'status.html' ? '/' : `/${name}`, new URL(name, folder)])
  if (!own.includes('uplot.js')) {
    files.push(['/uplot.js', new URL(import.meta.resolve('uplot/dist/uPlot.esm.js'))])
    files.push(['/uplot.css', new URL(import.meta.resolve('uplot/dist/uPlot.min.css'))])
  }
  const docs = own.includes('runbook.md') ? folder : new URL('../../../docs/', folder)
  files.push(
    ['/runbook', new URL('runbook.md', docs)],
    [`${JAPANESE}/runbook`, new URL('runbook.ja.md', docs)],
  )
  const read = new Map(await Promise.all(files.map(readOne)))
  const page = read.get('/')?.text ?? ''
  // words.js goes by it
  return read.set(`${JAPANESE}/`, await fileOf(HTML, page.replace('<html lang="en">', '<html lang="ja">')))
}

async function readOne([path, url]: [string, URL]): Promise<[string, PageFile]> {
  const source = await readFile(url, 'utf8')
  const isRunbook = extname(url.pathname) === '.md'
  const text = isRunbook ? runbookPage(source, path.startsWith(JAPANESE) ? 'ja' : 'en') : source
  const type = isRunbook ? HTML : (TYPES[extname(url.pathname)] ?? '')
  return [path, await fileOf(type, text)]
}

const fileOf = async (type: string, text: string): Promise<PageFile> => ({
  type,
  text,
  gzip: await compress(text),
})
