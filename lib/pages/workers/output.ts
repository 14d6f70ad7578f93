import type { Readable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import type { Level } from 'pino'
import type { Log } from '../../log.ts'
import { FURTHER, objectIn } from './mark-lines.ts'

/** A line that does not end is taken in pieces of so many characters: a bound for memory. */
const MOST = 16_384
/** What a second may bring: so many lines, of which a long one counts once for each KB. One costs the front 3-10 µs. */
const MOST_A_SECOND = 1000
const SECOND_MS = 1000

/** A stack below its message, and what Node prints of an object over several lines. */
const CONTINUES = /^([ \t]|[}\]])/
const LEVELS: Readonly<Record<string, Level>> = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  fatal: 'fatal',
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
  warning: 'warn',
}

/**
 * Calls `each` with every entry that a process prints, without colours and empty lines. An entry is a line, with the further lines of the same write
 * (./mark-lines.ts) and the indented lines behind it, such as a stack; a JSON object takes no further lines. An entry that begins within a text (a long
 * one, or one that came in pieces) keeps FURTHER at its beginning: it is no JSON object, whatever it looks like.
 * What is too much for one second is read and dropped: this process carries the logins. It must be read, since a full pipe blocks the page worker's
 * event loop, and the worker would be killed for that.
 * @param onLeftOut called after such a second, with the number of characters
 */
export function eachEntry(
  stream: Readable,
  each: (entry: string) => void,
  onLeftOut: (characters: number) => void,
): void {
  let rest = ''
  let taken = 0
  let leftOut = 0
  let second: NodeJS.Timeout | undefined
  let entry = ''

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
    const isFurther = text.startsWith(FURTHER)
    const line = stripVTControlCharacters(isFurther ? text.slice(1) : text).trimEnd()
    if (line === '') return
    const continues = (isFurther || CONTINUES.test(line)) && !objectIn(entry)
    if (entry !== '' && continues && entry.length < MOST) entry += `\n${line}`
    else {
      flush()
      entry = (isFurther ? FURTHER : '') + line.trimStart()
    }
  }

  function flush() {
    if (entry !== '') each(entry)
    entry = ''
  }

  function take(text: string) {
    let start = 0
    while (taken < MOST_A_SECOND) {
      const end = text.indexOf('\n', start)
      if (end === -1) {
        rest = text.slice(start)
        if (rest.length < MOST) return
        say(rest)
        rest = FURTHER
        return
      }
      say(text.slice(start, end))
      start = end + 1
    }
    rest = text.endsWith('\n') ? '' : FURTHER
    leftOut += text.length - start
  }

  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    take(rest + text)
    flush()
  })
  stream.once('end', () => {
    say(rest)
    flush()
    endSecond()
  })
}

/**
 * Says what a page worker prints. A line that is a JSON object, as pino and winston print it, becomes fields of the log line beside `worker`, with its own level and
 * message; whatever is no such object is the message.
 */
export function openSaid(log: Log, worker: number): (level: 'info' | 'warn', entry: string) => void {
  // the fields are these and no others: to look for secret ones costs more than the line
  const plain = log.child({ worker }, { redact: [] })
  // the page's logger has serialized `err` already; pino's serializer would replace its `type` by that of a plain object
  const whole = log.child({}, { serializers: { err: (error: unknown) => error } })
  return (level, entry) => {
    const fields = objectIn(entry)
    if (!fields) return plain[level](entry.replace(FURTHER, ''))
    const { level: own, time, msg, message, ...rest } = fields
    const name = String(own).toLowerCase()
    const said = LEVELS[name] ?? level
    whole[said]({ ...rest, worker, ...(time !== undefined && { said: time }) }, text(msg) ?? text(message))
  }
}

const text = (value: unknown) =>
  value === undefined || typeof value === 'string' ? value : JSON.stringify(value)
