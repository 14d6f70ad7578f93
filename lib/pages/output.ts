import type { Readable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'

/** A line that does not end is taken in pieces of so many characters: a bound for memory. */
const MOST = 16_384

/** Calls `each` with every line that a process prints, without colours and without empty ones. */
export function eachLine(stream: Readable, each: (line: string) => void): void {
  let rest = ''
  const say = (text: string) => {
    const line = stripVTControlCharacters(text).trim()
    if (line !== '') each(line)
  }
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) say(line)
    if (rest.length < MOST) return
    say(rest)
    rest = ''
  })
  stream.once('end', () => say(rest))
}
