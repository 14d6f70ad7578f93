import { readdir, readFile } from 'node:fs/promises'
import { extname } from 'node:path'

export type PageFile = { readonly type: string; readonly text: string }

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

/** Reads the files of the status page, by path: those of page/ as they are, and uPlot's own. */
export async function readPage(): Promise<ReadonlyMap<string, PageFile>> {
  const folder = new URL('./page/', import.meta.url)
  const own = (await readdir(folder)).filter(name => TYPES[extname(name)] !== undefined)
  const files: [path: string, url: URL][] = [
    ...own.map((name): [string, URL] => [name === 'status.html' ? '/' : `/${name}`, new URL(name, folder)]),
    ['/uplot.js', new URL(import.meta.resolve('uplot/dist/uPlot.esm.js'))],
    ['/uplot.css', new URL(import.meta.resolve('uplot/dist/uPlot.min.css'))],
  ]
  const read = async ([path, url]: [string, URL]): Promise<[string, PageFile]> => [
    path,
    { type: TYPES[extname(url.pathname)] ?? '', text: await readFile(url, 'utf8') },
  ]
  return new Map(await Promise.all(files.map(read)))
}
