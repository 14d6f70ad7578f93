import type { Readable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'

/** A line that does not end is taken in pieces of so many characters: a bound for memory. */
const MOST = 16_384
/** What a second may bring: so many lines, of which a long one counts once for each KB. One costs the front 3-10 µs. */
const MOST_A_SECOND = 1000
const SECOND_MS = 1000

/**
 * Calls `each` with every line that a process prints, without colours and without empty ones. What is too much for a
 * second is read and left out, for this is the process that carries the logins. It is read all the same: a pipe that
 * nobody reads blocks the event loop of the page worker, which would be killed for it.
 * @param onLeftOut called after such a second, with the number of characters
 */
export function eachLine(
  stream: Readable,
  each: (line: string) => void,
  onLeftOut: (characters: number) => void,
): void {
  let rest = ''
  let taken = 0
  let leftOut = 0
  let second: NodeJS.Timeout | undefined

  function endSecond() {
    clearTimeout(second)
    second = undefined
    taken = 0
    if (leftOut > 0) onLeftOut(leftOut)
    leftOut = 0
  }

  function say(text: string) {
    second ??= setTimeout(endSecond, SECOND_MS).unref()
    taken += Math.ceil((text.length + 1) / 1024)
    const line = stripVTControlCharacters(text).trim()
    if (line !== '') each(line)
  }

  function take(text: string) {
    let start = 0
    while (taken < MOST_A_SECOND) {
      const end = text.indexOf('\n', start)
      if (end === -1) {
        rest = text.slice(start)
        if (rest.length < MOST) return
        say(rest)
        rest = ''
        return
      }
      say(text.slice(start, end))
      start = end + 1
    }
    rest = ''
    leftOut += text.length - start
  }

  stream.setEncoding('utf8')
  stream.on('data', (text: string) => take(rest + text))
  stream.once('end', () => {
    say(rest)
    endSecond()
  })
}
