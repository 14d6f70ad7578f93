import { refused } from './text.ts'

/** How an object begins that a lenient reader takes: comments, a prefix against JSON hijacking, keys without quotes. */
const LIKE_OBJECT = /^[[{\s]*\{\s*(?:"[^"]*"\s*[:=]|'[^']*'\s*[:=]|\w+\s*[:=]|\/[/*]|#)/
const LIKE_COMMENT = /^\s*(?:\/\*|\/\/.*\n|#.*\n|\)\]\})/

/** So many values has no login; 10,000 objects in each other took 89 ms of CPU. */
const MOST_VALUES = 2000

/** @throws GatewayError BAD_REQUEST where it is not valid, has a key twice or more than 2,000 values */
export function parseJson(text: string): unknown {
  const value = jsonOf(text)
  if (value === undefined) throw refused('no valid JSON')
  return checked(value, text)
}

function jsonOf(text: string): unknown {
  try {
    return /\d{16}/.test(text) ? JSON.parse(text, asWritten) : JSON.parse(text)
  } catch (error) {
    // where each value is looked at, lists in each other take stack
    if (error instanceof RangeError) throw refused('JSON too deep')
    return undefined
  }
}

/** A Number has 16 digits: to others 9007199254740992 and …993 are two accounts. */
const asWritten = (_key: string, value: unknown, context?: { source?: string }): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) ? context?.source : value

function checked(value: unknown, text: string): unknown {
  // in valid JSON a string before a colon is a key
  const written = [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon).length
  if (written !== countKeys(value)) throw refused('a key twice')
  return value
}

/**
 * An object or a list as the text of a field.
 * @returns undefined where it is no JSON
 * @throws GatewayError BAD_REQUEST where a lenient reader alone could take it for JSON
 */
export function jsonInText(text: string): object | undefined {
  if (!/^\s*[[{/#)"]/.test(text)) return undefined
  // an exception takes its time, and a form may have thousands of fields
  const parsed = /[}\]"]$/.test(text.trimEnd()) ? jsonOf(text) : undefined
  if (parsed === undefined) {
    if (LIKE_OBJECT.test(text) || (LIKE_COMMENT.test(text) && text.includes('{')))
      throw refused('no valid JSON')
    return undefined
  }
  const value = checked(parsed, text)
  if (typeof value === 'string') return jsonInText(value)
  return typeof value === 'object' && value !== null ? value : undefined
}

function countKeys(value: unknown): number {
  let count = 0
  const left = [value]
  for (let seen = 0; left.length > 0; seen++) {
    if (seen > MOST_VALUES) throw refused('more than 2,000 values')
    const each = left.pop()
    if (typeof each !== 'object' || each === null) continue
    if (!Array.isArray(each)) count += Object.keys(each).length
    for (const below of Object.values(each)) left.push(below)
  }
  return count
}
