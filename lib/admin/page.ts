import { readdir, readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
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

/** The status page for a browser that asks for Japanese; no path is called so. */
export const JAPANESE = 'ja'

type PageFiles = ReadonlyMap<string, PageFile>

/** A reader of the status page's files, by path. They are read once, when they are asked for; after a failure, again. */
export function createPageFiles(): () => Promise<PageFiles> {
  let files: Promise<PageFiles> | undefined
  return () => {
    files ??= readPage().catch((error: unknown) => {
      files = undefined
      throw error
    })
    return files
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
  files.push([
    '/runbook',
    new URL(own.includes('runbook.md') ? 'runbook.md' : '../../../docs/runbook.md', folder),
  ])
  const read = new Map(await Promise.all(files.map(readOne)))
  const page = read.get('/')?.text ?? ''
  // japanese.js goes by it
  return read.set(JAPANESE, await fileOf(HTML, page.replace('<html lang="en">', '<html lang="ja">')))
}

async function readOne([path, url]: [string, URL]): Promise<[string, PageFile]> {
  const source = await readFile(url, 'utf8')
  const isRunbook = extname(url.pathname) === '.md'
  const text = isRunbook ? runbookPage(source) : source
  const type = isRunbook ? HTML : (TYPES[extname(url.pathname)] ?? '')
  return [path, await fileOf(type, text)]
}

const fileOf = async (type: string, text: string): Promise<PageFile> => ({
  type,
  text,
  gzip: await compress(text),
})
