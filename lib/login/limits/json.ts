import { refused } from './text.ts'

/** How an object begins that a lenient reader takes: comments, a prefix against JSON hijacking, keys without quotes. */
const LIKE_OBJECT = /^[[{\s]*\{\s*(?:"[^"]*"\s*[:=]|'[^']*'\s*[:=]|\w+\s*[:=]|\/[/*]|#)/
const LIKE_COMMENT = /^\s*(?:\/\*|\/\/.*\n|#.*\n|\)\]\})/

/** @throws GatewayError BAD_REQUEST where it is not valid, or has a key twice */
export function parseJson(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw refused('no valid JSON')
  }
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
  if (!isJson(text)) {
    if (LIKE_OBJECT.test(text) || (LIKE_COMMENT.test(text) && text.includes('{')))
      throw refused('no valid JSON')
    return undefined
  }
  const value = parseJson(text)
  if (typeof value === 'string') return jsonInText(value)
  return typeof value === 'object' && value !== null ? value : undefined
}

function isJson(text: string): boolean {
  // an exception takes its time, and a form may have thousands of fields
  if (!/[}\]"]$/.test(text.trimEnd())) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function countKeys(value: unknown): number {
  let count = 0
  const left = [value]
  while (left.length > 0) {
    const each = left.pop()
    if (typeof each !== 'object' || each === null) continue
    if (!Array.isArray(each)) count += Object.keys(each).length
    for (const below of Object.values(each)) left.push(below)
  }
  return count
}
