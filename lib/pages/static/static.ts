import { existsSync } from 'node:fs'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import sirv from 'sirv'
import { GatewayError } from '../../http/errors.ts'
import type { RequestRecord } from '../../observe/outcome.ts'
import type { Build } from '../build.ts'
import { readRules } from './app-rules.ts'
import { createMemory, type Memory } from './memory.ts'
import { plainName, readNames } from './names.ts'

const BUILT = '/_next/static/'
const YEAR_SECONDS = 31_536_000
const COMPRESSED = { brotli: true, gzip: true, etag: true, extensions: [] }
const RANGE = /^bytes=(\d+)-(\d*)$/
const REFUSED_CODING = /;\s*q=0(\.0*)?\s*(,|$)/

/** Answers a request for a static file, and says whether it was one. */
type AnswerStatic = (req: IncomingMessage, res: ServerResponse, record: RequestRecord) => boolean

/**
 * The files of a build and of `public/`, so that no page worker is asked for them. Their names are read once: what was
 * not there then is not there, wherever its dots lead. Where proxy.ts, a redirect or a rewrite of the app comes before a
 * file of `public/`, it is left to a page worker; a built file is public and never is.
 * @param root the folder that has `.next` and, perhaps, `public`
 * @throws (the returned function) GatewayError NOT_FOUND at a built file that is not of this build
 */
export function openStaticFiles(root: string, { standalone, basePath, assetPaths }: Build): AnswerStatic {
  const rules = readRules(root, standalone)
  const setHeaders = (base: string) => (res: ServerResponse, path: string) =>
    rules.setHeaders(res, base + path)
  // the build's copy of public/ is compressed
  const copy = join(standalone, 'public')
  const built = folder(join(root, '.next/static'), {
    maxAge: YEAR_SECONDS,
    immutable: true,
    setHeaders: setHeaders(`${basePath}/_next/static`),
  })
  const publicFolder = existsSync(copy) ? copy : join(root, 'public')
  const namesAt = readNames(publicFolder)
  const own = folder(publicFolder, {
    maxAge: 0,
    setHeaders: setHeaders(basePath),
  })
  const builtPaths = assetPaths.map(each => `${each}${BUILT}`)

  return (req, res, record) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') return false
    const { url = '' } = req
    const builtPath = builtPaths.find(each => url.startsWith(each))
    if (builtPath !== undefined) {
      // nobody else is asked, whether it is there or not
      record.route = 'static'
      if (!below(builtPath.length - 1, built)) throw new GatewayError('NOT_FOUND')
      return true
    }
    if (!url.startsWith(`${basePath}/`)) return false
    const path = url.replace(/\?.*$/s, '')
    // the app's rules are looked at for files alone: their patterns may be slow, and logins are served here
    const names = namesAt(path.slice(basePath.length))
    if (names.length === 0 || rules.comesFirst(path)) return false
    // a compressed copy is no way past the rule of its file, and a page worker does not know that it is one
    if (names.some(name => rules.comesFirst(basePath + plainName(name)))) throw new GatewayError('NOT_FOUND')
    return below(basePath.length, own)

    function below(length: number, answer: AnswerStatic): boolean {
      req.url = url.slice(length)
      const found = answer(req, res, record)
      req.url = url
      return found
    }
  }
}

/**
 * sirv with its sharp edges taken off: it opens a file and pipes it, and looks neither at errors nor at clients that
 * leave; and with a memory, for to open, read and close a file costs three times the CPU of all else.
 */
function folder(path: string, options: Parameters<typeof sirv>[1]): AnswerStatic {
  if (!existsSync(path)) return () => false
  const serve = sirv(path, { ...COMPRESSED, ...options })
  const memory = createMemory()
  function answer(req: IncomingMessage, res: ServerResponse): boolean {
    if (memory.answer(req, res)) return true
    const onPipe = (file: Readable) => endTogether(file, req, res, memory)
    let found = true
    res.once('pipe', onPipe)
    serve(req, res, () => {
      found = false
      res.off('pipe', onPipe)
    })
    return found
  }

  return (req, res, record) => {
    const { headers } = req
    req.headers = tidy(headers)
    const found = answer(req, res)
    // a page gets what was sent
    req.headers = headers
    if (found) record.route = 'static'
    return found
  }
}

/** A file that cannot be read ends the answer, not the process; an answer that ends closes its file. */
function endTogether(file: Readable, req: IncomingMessage, res: ServerResponse, memory: Memory) {
  file.once('error', () => res.destroy())
  res.once('close', () => file.destroy())
  if (req.method === 'HEAD') {
    file.destroy()
    res.end()
  } else memory.keep(req, res, file)
}

/** Leaves out what sirv would take for something else: a server may do without ranges (RFC 9110 §14.2) and codings. */
function tidy(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { range, 'accept-encoding': coding } = headers
  const isOddCoding = REFUSED_CODING.test(String(coding ?? ''))
  const isOddRange = range !== undefined && (headers['if-range'] !== undefined || !isPlain(range))
  if (!isOddCoding && !isOddRange) return headers
  const tidied = { ...headers }
  if (isOddCoding) delete tidied['accept-encoding']
  if (isOddRange) delete tidied.range
  return tidied
}

/** One range, forwards; sirv reads an end of 0 as the file's. */
function isPlain(range: string): boolean {
  const [, start = '', end = ''] = RANGE.exec(range) ?? []
  return start !== '' && (end === '' || Number(end) >= Math.max(Number(start), 1))
}
