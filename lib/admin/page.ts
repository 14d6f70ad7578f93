import { readdir, readFile } from 'node:fs/promises'
import { extname } from 'node:path'

type PageFile = { readonly type: string; readonly text: string }

const TYPES: { readonly [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
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

/** Those of page/ as they are, and uPlot's own; a bundle has those in page/, too (tools/bundle.ts). */
async function readPage(): Promise<PageFiles> {
  const folder = new URL('./page/', import.meta.url)
  const own = (await readdir(folder)).filter(name => TYPES[extname(name)] !== undefined)
  const files = own.map((name): [string, URL] => [
    name === 'status.html' ? '/' : `/${name}`,
    new URL(name, folder),
  ])
  if (!own.includes('uplot.js')) {
    files.push(['/uplot.js', new URL(import.meta.resolve('uplot/dist/uPlot.esm.js'))])
    files.push(['/uplot.css', new URL(import.meta.resolve('uplot/dist/uPlot.min.css'))])
  }
  const read = async ([path, url]: [string, URL]): Promise<[string, PageFile]> => [
    path,
    { type: TYPES[extname(url.pathname)] ?? '', text: await readFile(url, 'utf8') },
  ]
  return new Map(await Promise.all(files.map(read)))
}
