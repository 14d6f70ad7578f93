import { alternativesOf } from './pattern.ts'

/** Names that begin with a dot: `/\.ht`, `(^|/)\.`. */
const DOT = /^(\^?\\?\/|\((\?:)?\^\|\/\))\\\.(?![?*{])/
const ENDS = /^(?:\^?\/?\.[*+])?\\\.(?:([\w[\]]+)|\((?:\?:)?([\w|[\]]+)\))\$$/
const OF_EDITORS = /^(~|#\.\*#)\$$/
/** What editors, dumps and checkouts leave beside an app: an API has no such names. */
const LEFT_BEHIND = new Set(
  `bak backup bash bk bkp cfg cnf conf config db dist dump env fla git hg htaccess htpasswd inc ini log mdb old orig original psd
  rdb sample sav save sh sql sqlite sqlite3 svn swn swo swp temp tmp`.split(/\s+/),
)

/** Whether a regular expression fits nothing but such names, wherever they are: `/\.`, `\.(env|bak|sw[op])$`. */
export const isOfFileNames = (pattern: string): boolean =>
  alternativesOf(pattern).every(each => DOT.test(each) || isLeftBehind(each))

function isLeftBehind(alternative: string): boolean {
  const [, group] = /^\((?:\?:)?([\s\S]*)\)\$$/.exec(alternative) ?? []
  if (group !== undefined) return alternativesOf(group).every(each => isLeftBehind(`${each}$`))
  if (OF_EDITORS.test(alternative)) return true
  const [, one = '', list = one] = ENDS.exec(alternative) ?? []
  return list.split('|').every(each => eachOfClass(each).every(name => LEFT_BEHIND.has(name.toLowerCase())))
}

/** `sw[op]` is swo or swp. */
function eachOfClass(name: string): string[] {
  const [, start = '', letters, rest = ''] = /^(\w*)\[(\w+)\](\w*)$/.exec(name) ?? []
  return letters === undefined ? [name] : [...letters].map(each => start + each + rest)
}
