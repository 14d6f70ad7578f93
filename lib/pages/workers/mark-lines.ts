import type { Writable } from 'node:stream'

/** Before each further line of what was written at once: the record separator of ASCII, which no text has. */
export const FURTHER = '\x1e'

/**
 * What a page prints at once is one entry of the log (./output.ts), whatever lines it has: an error's message may have several, as Prisma's, and one of them
 * may be a visitor's text.
 */
export function markLines(stream: Writable): void {
  const { write } = stream
  stream.write = (piece: unknown, ...rest: unknown[]) =>
    Reflect.apply(write, stream, [typeof piece === 'string' ? marked(piece) : piece, ...rest])
}

function marked(piece: string): string {
  // a visitor's text may have it
  const text = piece.replaceAll(FURTHER, '')
  const end = text.indexOf('\n')
  if (end === -1 || end === text.length - 1) return text
  // a logger may write several objects together
  const further = objectIn(text.slice(0, end)) ? /\n(?!\{|$)/g : /\n(?!$)/g
  return text.replace(further, `\n${FURTHER}`)
}

/** Undefined where a text is no whole JSON object, as a logger prints one. */
export function objectIn(text: string): Record<string, unknown> | undefined {
  if (!/^\{.*\}$/s.test(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}
