/** Each form of a regular expression: `^/(a|b)/c|^/d` has three. */
export const formsOf = (pattern: string): string[] => alternativesOf(pattern).flatMap(eachOfGroup)

/** What the paths begin with that a regular expression fits, as far as that can be told. */
export const startsOf = (pattern: string): string[] => formsOf(pattern).map(literalStart)

/** What `|` parts in a regular expression, without regard to what is in brackets. */
export function alternativesOf(pattern: string): string[] {
  const found = ['']
  let depth = 0
  for (const [part] of pattern.matchAll(/\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|[\s\S]/g)) {
    if (part === '(') depth++
    if (part === ')') depth--
    if (part === '|' && depth === 0) found.push('')
    else found.push(found.pop() + part)
  }
  return found
}

/** `^/(a|b)/c` is `^/a/c` or `^/b/c`; `^/(a/)?b` is `^/a/b` or `^/b`. */
function eachOfGroup(alternative: string): string[] {
  const [, start = '', group, optional, rest = ''] =
    /^(\^(?:[\w/-]|\\[./-])*)\((?:\?:|(?!\?))([^()]*)\)(\?)?(?![?*+{])([\s\S]*)$/.exec(alternative) ?? []
  if (group === undefined) return [alternative]
  return [...alternativesOf(group), ...(optional ? [''] : [])].map(each => start + each + rest)
}

/** What each path begins with that an alternative fits; empty where that cannot be told. */
export function literalStart(alternative: string): string {
  if (alternative.includes('(?i')) return ''
  const [, start = '', next = ''] = /^\^((?:[\w/-]|\\[./-])*)(.?)/.exec(alternative) ?? []
  const plain = start.replaceAll('\\', '')
  return /[?*{]/.test(next) ? plain.slice(0, -1) : plain
}
