import { english, type Texts } from './english.ts'

/** One directive; `block` where it has one. `args` are without quotes and escapes, as Nginx takes them. */
export type Directive = {
  readonly name: string
  readonly args: readonly string[]
  readonly block?: readonly Directive[]
  readonly file: string
  readonly line: number
}

/** With the names of variables in small letters: Nginx takes `$Off` and `$off` for one (ngx_http_get_variable_index). */
export const withSmallVariables = (directives: readonly Directive[]): Directive[] =>
  directives.map(({ args, block, ...rest }) => ({
    ...rest,
    args: args.map(each => each.replace(/\$\{?\w+/g, name => name.toLowerCase())),
    ...(block && { block: withSmallVariables(block) }),
  }))

/** A mistake in the configuration itself, with its place. */
export const mistakeAt = (file: string, line: number, what: string) => new Error(`${file}:${line}: ${what}`)

/** `text` without quotes and escapes; `mark` where it is one of `;`, `{` and `}` that means something. */
type Token = { text: string; mark: boolean; line: number }

/** A comment begins where a word could; `#` within a word is a part of it. */
const BETWEEN = /(?:\s+|#[^\n]*)*/y
const QUOTED = /"((?:\\[\s\S]|[^"\\])*)"|'((?:\\[\s\S]|[^'\\])*)'/y
/** `${` begins a variable, not a block. */
const WORD = /(?:\\[\s\S]|\$\{|[^\s;{\\])+/y
/** Jinja, ERB, Go templates: what stands there is no configuration yet. In Lua it may be. */
const TEMPLATE = /\{\{|\{%|<%/
const ESCAPE = /\\(["'\\trn])/g
const ESCAPED: Readonly<Record<string, string>> = { t: '\t', r: '\r', n: '\n' }
/** OpenResty's: what is between the braces is Lua. */
const LUA = /_by_lua_block$/
/** In Lua a brace within a comment or a string means nothing. */
const LUA_TEXT =
  /--\[(=*)\[[\s\S]*?\]\1\]|--[^\n]*|\[(=*)\[[\s\S]*?\]\2\]|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'/y

/**
 * Reads a configuration as Nginx does (ngx_conf_read_token). An own parser, since those on npm are no base for it:
 * nginx-conf 2.1 keeps no lines, sorts directives by name and takes a file whose last brace is missing;
 * @webantic/nginx-config-parser 1.6 works line by line; neither has been changed since 2024.
 * @param isDirective tells a directive's name: one that begins a line within another directive means a missing `;`
 * @throws an Error with file:line at the first mistake
 */
export function parseNginx(
  text: string,
  file: string,
  isDirective: (word: string) => boolean = () => false,
  texts: Texts['syntax'] = english.syntax,
): Directive[] {
  let at = 0
  let line = 1

  function fail(what: string, where = line): never {
    throw mistakeAt(file, where, what)
  }

  function take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found) {
      at = pattern.lastIndex
      line += found[0].split('\n').length - 1
    }
    return found
  }

  /** Undefined at the end of the file. */
  function next(): Token | undefined {
    take(BETWEEN)
    const first = text[at]
    const begun = line
    if (first === undefined) return undefined
    if (';{}'.includes(first)) {
      if (TEMPLATE.test(text.slice(at - 1, at + 2))) fail(texts.template)
      at++
      return { text: first, mark: true, line }
    }
    if (first === '"' || first === "'") {
      const found = take(QUOTED) ?? fail(texts.noEnd(first))
      if (!/[\s;{)]|$/y.test(text.slice(at, at + 1))) fail(texts.afterQuote(JSON.stringify(text[at])))
      return word(found[1] ?? found[2] ?? '', begun)
    }
    const found = take(WORD) ?? fail(texts.backslash)
    return word(found[0], begun)
  }

  const word = (text: string, line: number): Token =>
    TEMPLATE.test(text) ? fail(texts.template, line) : { text: unquoted(text), mark: false, line }

  function skipLua(begun: number) {
    for (let depth = 1; depth > 0; at++) {
      while (take(LUA_TEXT));
      if (text[at] === undefined) fail(texts.unclosed(begun))
      if (text[at] === '\n') line++
      if (text[at] === '{') depth++
      if (text[at] === '}') depth--
    }
  }

  /** All up to the `}` that ends it; up to the end of the file for `opened` 0. */
  function readBlock(opened: number): Directive[] {
    const directives: Directive[] = []
    for (;;) {
      const first = next()
      if (first === undefined) {
        if (opened > 0) fail(texts.unclosed(opened))
        return directives
      }
      if (first.mark && first.text === '}' && opened > 0) return directives
      if (first.mark) fail(texts.unexpected(first.text), first.line)
      directives.push(readDirective(first))
    }
  }

  function readDirective({ text: name, line: begun }: Token): Directive {
    const args: string[] = []
    const unended = () => fail(texts.unended(name), begun)
    for (;;) {
      const token = next() ?? unended()
      if (!token.mark) {
        if (token.line > begun && isDirective(token.text)) unended()
        args.push(token.text)
        continue
      }
      if (token.text === '}') unended()
      if (token.text === ';') return { name, args, file, line: begun }
      if (LUA.test(name)) {
        skipLua(token.line)
        return { name, args, block: [], file, line: begun }
      }
      return { name, args, block: readBlock(token.line), file, line: begun }
    }
  }

  return readBlock(0)
}

/** Other backslashes stay, as in a regular expression. */
const unquoted = (text: string) => text.replace(ESCAPE, (_all, each: string) => ESCAPED[each] ?? each)
