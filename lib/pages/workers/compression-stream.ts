import type { ServerResponse } from 'node:http'
import { Transform } from 'node:stream'

/** A stream of zlib, with what Node keeps for backwards compatibility and npm's own minizlib goes by. */
export type CompressionStream = Transform & {
  /** absent once it is closed */
  _handle: { writeSync(...what: unknown[]): void; close(): void } | null
  readonly _processChunk: (chunk: Uint8Array, flush: number) => Buffer
  /** of what was written to it, those that it has worked through */
  readonly bytesWritten: number
}

const isCompression = (stream: unknown): stream is CompressionStream =>
  stream instanceof Transform &&
  '_processChunk' in stream &&
  typeof stream._processChunk === 'function' &&
  '_handle' in stream &&
  'bytesWritten' in stream

const ignore = () => {}

/**
 * @returns what Next's `compression` writes an answer to, once it has decided to compress it: with the head of the answer. Next gets at it in the
 *   same way (next/dist/server/lib/release-compression-stream.js)
 */
export function compressionOf(res: ServerResponse): CompressionStream | undefined {
  const stream: Transform | ServerResponse = res.on('drain', ignore)
  stream.off('drain', ignore)
  return isCompression(stream) ? stream : undefined
}
