import type { ServerResponse } from 'node:http'

/** The head of gzip (RFC 1952 §2.3), which Next's compression writes before anything else. */
const HEAD_OF_GZIP = 10
/** In ms. The rest comes from another thread, and its end a turn behind it. */
const TOGETHER_MS = 1

/** Lets what is held back go. With the end Node has done so, and the next answer may be held back by now. */
export function uncork(res: ServerResponse): void {
  if (!res.writableEnded) res.socket?.uncork()
}

/**
 * Holds a first piece that is no more than the head of gzip back for a moment, so that a small page leaves in one write. With three the front is
 * woken, reads and writes three times: a page takes it 10 to 15 % more CPU (docs/decisions/0007).
 * Call before anybody has written.
 */
export function joinWrites(res: ServerResponse): void {
  const { write } = res
  let begun = false
  res.write = (...piece: unknown[]) => {
    if (!begun && piece[0] instanceof Uint8Array && piece[0].length <= HEAD_OF_GZIP) {
      res.socket?.cork()
      // what the thread has done by then is read before that
      setTimeout(setImmediate, TOGETHER_MS, uncork, res)
    }
    begun = true
    return Reflect.apply(write, res, piece)
  }
}
