/** Before each further line of what was written at once: the record separator of ASCII, which no text has. */
export const FURTHER = '\x1e'

/**
 * What a page prints at once is one entry of the log (./output.ts), whatever lines it has: an error's message may have several, as Prisma's, and one of them
 * may be a visitor's text. Not what begins as a JSON object: a logger may write several of them together.
 */
export function markLines(stream: NodeJS.WriteStream): void {
  const { write } = stream
  stream.write = (piece: unknown, ...rest: unknown[]) => {
    const isText = typeof piece === 'string' && !piece.startsWith('{')
    return Reflect.apply(write, stream, [isText ? piece.replace(/\n(?!$)/g, `\n${FURTHER}`) : piece, ...rest])
  }
}
