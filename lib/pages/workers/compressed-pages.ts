import type { ServerResponse } from 'node:http'
import { type CompressionStream, compressionOf } from './compression-stream.ts'

/** In bytes, of all of them: as they are and compressed. */
const MOST_KEPT = 8 * 1024 * 1024
/** In bytes. */
const LARGEST_PAGE = 512 * 1024
/** What Next says of a page that it keeps itself, or a CDN may (RFC 9111 §5.2.2.10). Never of one that is rendered for a visitor. */
const SHARED = /\bs-maxage=/

type CompressedPage = { readonly plain: Buffer; readonly compressed: Buffer }

/**
 * A page that Next has rendered before is compressed anew for each visitor under `next start`: a new stream of zlib, and three ways to its thread and
 * back. Here the compressed form is kept, and used where the page is the same to the byte, so that it cannot be stale.
 * The oldest ones go first; those of use in the order of their use would make the Map a new table again and again.
 * @returns to be called for an answer before anybody has written to it
 */
export function createCompressedPages(): (res: ServerResponse) => void {
  const pages = new Map<string, CompressedPage>()
  let bytes = 0

  function keep(key: string, page: CompressedPage) {
    remove(key)
    pages.set(key, page)
    bytes += page.plain.length + page.compressed.length
    for (const oldest of pages.keys()) {
      if (bytes <= MOST_KEPT) break
      remove(oldest)
    }
  }

  function remove(key: string) {
    const page = pages.get(key)
    if (!page) return
    pages.delete(key)
    bytes -= page.plain.length + page.compressed.length
  }

  /** Next's `compression` gives a page that is whole to its stream by one `end`. */
  function endFromKept(key: string, stream: CompressionStream) {
    const { end } = stream
    stream.end = (...last: unknown[]) => {
      const [plain] = last
      stream.end = end
      if (Buffer.isBuffer(plain) && plain.length <= LARGEST_PAGE && !begun(stream)) {
        const kept = pages.get(key)
        if (kept?.plain.equals(plain)) {
          // together with the other answers of this turn: each by itself wakes the front, and CPU of both is 1.5 times as much
          setImmediate(answerFrom, kept.compressed, stream)
          return stream
        }
        const copy = ownCopy(plain)
        const pieces: Buffer[] = []
        stream.on('data', (piece: Buffer) => void pieces.push(piece))
        stream.once('end', () => keep(key, { plain: copy, compressed: ownCopy(Buffer.concat(pieces)) }))
      }
      return Reflect.apply(end, stream, last)
    }
  }

  return res => {
    const { writeHead } = res
    // `compression` has decided by then
    res.writeHead = (...head: unknown[]) => {
      const etag = res.getHeader('etag')
      const encoding = res.getHeader('content-encoding')
      if (etag && encoding && SHARED.test(String(res.getHeader('cache-control')))) {
        const stream = compressionOf(res)
        if (stream) endFromKept(`${encoding} ${etag}`, stream)
      }
      return Reflect.apply(writeHead, res, head)
    }
  }
}

/** The app may write into its Buffer again; and a small one is a piece of 64 KB, which all would be kept with it. */
function ownCopy(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  copy.set(bytes)
  return copy
}

const begun = ({ bytesWritten, writableLength }: CompressionStream) => bytesWritten + writableLength > 0

/** `compression` passes on what comes of its stream, and its end. Next destroys the stream when the client leaves. */
function answerFrom(compressed: Buffer, stream: CompressionStream) {
  if (stream.destroyed) return
  stream.emit('data', compressed)
  stream.emit('end')
  stream.destroy()
}
