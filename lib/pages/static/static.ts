import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, relative, sep } from 'node:path'
import { crc32 } from 'node:zlib'
import { weightsIn } from '../../http/accept.ts'
import type { RequestRecord } from '../../observe/outcome.ts'
import type { Build } from '../build.ts'
import { readRules } from './rules.ts'

/** As Next's own server names them. A file of another type is left to it. */
export const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=UTF-8',
  '.gif': 'image/gif',
  '.ico': 'image/x-icon',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'application/javascript; charset=UTF-8',
  '.json': 'application/json; charset=UTF-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=UTF-8',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
}
/** Those that Next compresses, whatever their size: its answers vary. */
const COMPRESSIBLE = /^text\/|^application\/(javascript|json)|^image\/(svg\+xml|x-icon)/
/** Their names stay from build to build, so that Next has them asked for anew each time. */
const NOT_HASHED = 'service-worker/'
const IMMUTABLE = 'public, max-age=31536000, immutable'
/** What tools/precompress.ts lays beside a file, the better one first. */
const CODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const
/** Bounds for memory, of one body and of all. */
const MOST_BYTES = 1024 ** 2
const MOST_BYTES_IN_ALL = 32 * 1024 ** 2
/** The answer depends on the file's state or is a part of it: Next's own. */
const CONDITIONS = ['range', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'] as const

/** Below each weight that a client can give, which has three digits. */
const LEAST = 0.0001

type Body = { readonly coding: string | undefined; readonly head: readonly string[]; readonly bytes: Buffer }

/** Answers a request for a static file, and says whether it has. */
export type AnswerStatic = (req: IncomingMessage, res: ServerResponse, record: RequestRecord) => boolean

/**
 * The hashed files of `/_next/static`, from memory and compressed at the build, so that no page worker is asked for them.
 * Whatever is not an unconditional request for one of these names is left to Next: other names and spellings, ranges,
 * revalidations, files with a rule of the app that depends on the request, files that are too large, or were changed after the build.
 * @param root the folder that has `.next`
 */
export async function openStaticFiles(root: string, build: Build): Promise<AnswerStatic> {
  const folder = join(root, '.next/static')
  const headersAt = readRules(root, build)
  const files = new Map<string, readonly Body[]>()
  let bytes = 0
  for (const name of await namesIn(folder)) {
    const type = TYPES[extname(name)]
    if (type === undefined || name.startsWith(NOT_HASHED)) continue
    const found = await read(join(folder, name))
    if (!found) continue
    bytes += found.bodies.reduce((sum, each) => sum + each.bytes.length, 0)
    if (bytes > MOST_BYTES_IN_ALL) break
    for (const base of build.assetPaths) {
      const path = `${base}/_next/static/${name.split('/').map(encodeURIComponent).join('/')}`
      const own = headersAt(path)
      // the request's id is the front's own; behind a page worker it takes the place of the app's
      if (own === undefined || 'x-request-id' in own) continue
      const head = {
        'content-type': type,
        'cache-control': IMMUTABLE,
        'accept-ranges': 'bytes',
        'last-modified': found.modified.toUTCString(),
        ...(build.etags && { etag: found.etag }),
        ...own,
      }
      // a cache on the way must not get a coding for everybody, nor what the app encodes or wants left alone (RFC 9110 §7.7)
      const isPlain = /\bno-transform\b/i.test(head['cache-control']) || 'content-encoding' in own
      const varying = isPlain || !COMPRESSIBLE.test(type) ? head : { ...head, vary: withCoding(own.vary) }
      files.set(
        path,
        found.bodies
          .filter(({ coding }) => !isPlain || coding === undefined)
          .map(body => ({ ...body, head: headOf(varying, body) })),
      )
    }
  }

  return (req, res, record) => {
    const { method, url = '', headers } = req
    if (method !== 'GET' && method !== 'HEAD') return false
    const query = url.indexOf('?')
    const bodies = files.get(query === -1 ? url : url.slice(0, query))
    if (!bodies || CONDITIONS.some(name => headers[name] !== undefined)) return false
    const body = bestOf(bodies, String(headers['accept-encoding'] ?? ''))
    if (!body) return false
    record.route = 'static'
    res.writeHead(200, [...body.head, 'X-Request-Id', String(headers['x-request-id'])])
    res.end(method === 'HEAD' ? undefined : body.bytes)
    return true
  }
}

/** Of the files below a folder, with `/` between. */
async function namesIn(folder: string): Promise<string[]> {
  const entries = existsSync(folder) ? await readdir(folder, { recursive: true, withFileTypes: true }) : []
  return entries
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).split(sep).join('/'))
}

/** The file's compressed copies and the file as it is, each if it is small enough; undefined where the copies are of another text. */
async function read(file: string) {
  const { mtime, size } = await stat(file)
  const all: Omit<Body, 'head'>[] = []
  for (const [coding, end] of [...CODINGS, [undefined, ''] as const])
    if (existsSync(file + end)) all.push({ coding, bytes: await readFile(file + end) })
  if (!areAlike(all)) return undefined
  return {
    bodies: all.filter(({ bytes }) => bytes.length <= MOST_BYTES),
    modified: mtime,
    // Next's, so that it knows the file again when it is asked whether it has changed
    etag: `W/"${size.toString(16)}-${mtime.getTime().toString(16)}"`,
  }
}

/**
 * Whether the compressed copies belong to the file as it is now: a script may change a built file after its compression (`sed -i` when a container
 * starts). gzip has the checksum of its text at its end (RFC 1952 §2.3.1). Times do not help: layers of an image have them in whole seconds.
 */
function areAlike(bodies: readonly Omit<Body, 'head'>[]): boolean {
  const plain = bodies.find(({ coding }) => coding === undefined)
  const zipped = bodies.find(({ coding }) => coding === 'gzip')
  if (bodies.length === 1 || !plain) return true
  const end = zipped?.bytes.subarray(-8)
  return end?.length === 8 && end.readUInt32LE() === crc32(plain.bytes)
}

function headOf(head: Readonly<Record<string, string>>, { coding, bytes }: Omit<Body, 'head'>): string[] {
  const own = { 'content-length': String(bytes.length), ...(coding && { 'content-encoding': coding }) }
  return Object.entries({ ...head, ...own }).flat()
}

/** `Accept-Encoding` beside what the app says that the answer varies by. */
const withCoding = (vary: string | undefined) =>
  vary === undefined
    ? 'Accept-Encoding'
    : /\*|accept-encoding/i.test(vary)
      ? vary
      : `${vary}, Accept-Encoding`

/** RFC 9110 §12.5.3: the one with the largest weight, of equal ones the first. Plain bytes come last where they have no weight of their own. */
function bestOf(bodies: readonly Body[], accepted: string): Body | undefined {
  const weights = weightsIn(accepted)
  let best: Body | undefined
  let most = 0
  for (const body of bodies) {
    const weight = weights.get(body.coding ?? 'identity') ?? (body.coding ? (weights.get('*') ?? 0) : LEAST)
    if (weight <= most) continue
    best = body
    most = weight
  }
  return best ?? bodies.find(({ coding }) => coding === undefined)
}
