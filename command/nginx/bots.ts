import { mapOf, named, type Scope } from './scope.ts'

const BROWSERS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1',
]
/** With an app by a name that nobody knows: what refuses one of these keeps out more than bots. */
const NO_BOTS = [...BROWSERS, 'Xyz/1.0']
/** What means something else in JavaScript than in PCRE, and what looks around: `(?!OurApp)` lets in one program. */
const NOT_READ = /\\(?![bBdDsSwW])[A-Za-z]|\[:\w+:\]|\(\?(?!:)/

/** A variable, and what it is compared with. */
export const CONDITION = /^\$(\w+)(?: (!?=|!?~\*?) ?(.*))?$/

/** Whether a condition is about User-Agent, and may hold for every browser: `!~ OurApp`. */
export function isOfBrowsers(condition: string, scope: Scope): boolean {
  const [, name = '', operator = '', text = ''] = CONDITION.exec(condition) ?? []
  if (name !== 'http_user_agent' && mapOf(name, scope)?.args[0] !== '$http_user_agent') return false
  return BROWSERS.every(agent => {
    const value = valueFor(name, agent, scope)
    return value === undefined || holds(value, operator, text) !== false
  })
}

/** Whether a condition is about names that scanners and bots give themselves; a `map` of User-Agent is followed. */
export function isAboutBots(condition: string, scope: Scope): boolean {
  const [, name = '', operator = '', text = ''] = CONDITION.exec(condition) ?? []
  return NO_BOTS.every(agent => {
    const value = valueFor(name, agent, scope)
    return value !== undefined && holds(value, operator, text) === false
  })
}

/** A variable's value for a client of this name; undefined where that cannot be told. */
function valueFor(name: string, agent: string, scope: Scope): string | undefined {
  if (name === 'http_user_agent') return agent
  const { args: [of] = [], block = [] } = mapOf(name, scope) ?? {}
  if (of !== '$http_user_agent' || named(block, 'include').length > 0) return undefined
  const patterns = block.flatMap(each => {
    const [, operator, pattern = ''] = /^(~\*?)([\s\S]*)$/.exec(each.name) ?? []
    return operator ? [{ result: each.args[0], isFit: holds(agent, operator, pattern) }] : []
  })
  if (patterns.some(({ isFit }) => isFit === undefined)) return undefined
  const { result = '' } = patterns.find(({ isFit }) => isFit) ?? {
    result: named(block, 'default')[0]?.args[0],
  }
  return result.includes('$') ? undefined : result
}

/** Undefined where a pattern, or a variable, is not read. */
export function holds(value: string, operator: string, text: string): boolean | undefined {
  if (operator === '') return value !== '' && value !== '0'
  // what a variable has beside `=` is not known
  if (operator.endsWith('=') && text.includes('$')) return undefined
  if (operator.endsWith('=')) return (value === text) !== operator.startsWith('!')
  const pattern = text.replace(/^\(\?i\)/, '')
  if (NOT_READ.test(pattern)) return undefined
  try {
    const isFit = new RegExp(pattern, operator.endsWith('*') || pattern !== text ? 'i' : '').test(value)
    return isFit !== operator.startsWith('!')
  } catch {
    return undefined
  }
}
