import { existsSync, globSync } from 'node:fs'
import { dirname, join, matchesGlob, resolve } from 'node:path'
import { readText } from '../read-text.ts'
import type { Texts } from './english.ts'
import { type Directive, mistakeAt, parseNginx } from './parse.ts'

/** Deeper than that, a file includes itself. */
const DEEPEST = 20

/**
 * Reads a file and what it includes. An `include` that leads nowhere here (only a part of /etc/nginx may have been
 * copied) stays in the result as it is.
 * @param fill what is done to each file's text first
 * @throws an Error with file:line at a mistake in one of the files; what `readText` throws at the first file
 */
export function readNginxFile(
  path: string,
  isDirective: (word: string) => boolean,
  texts: Texts['syntax'],
  fill: (text: string) => string = text => text,
): Directive[] {
  const text = fill(readText(path))
  const dumped = filesOf(text)
  const main = dirname(path)
  // Nginx looks beside nginx.conf; a file of conf.d/ or sites-enabled/ is one below it
  const folders = [main, join(main, '..')]

  function read(file: string, depth: number): Directive[] {
    const own = dumped?.get(file) ?? (file === path ? text : fill(readText(file)))
    return expand(parseNginx(own, nameOf(file), isDirective, texts), depth)
  }

  /** The files of a pattern: those of the dump where there is one. */
  function filesFor(pattern: string): string[] | undefined {
    if (dumped) {
      const [first = ''] = dumped.keys()
      const whole = resolve(dirname(first), pattern)
      const found = [...dumped.keys()].filter(each => matchesGlob(each, whole))
      // a pattern that fits no file is no mistake to Nginx, and a dump has every file that fits
      return found.length > 0 || /[*?[]/.test(pattern) ? found : undefined
    }
    const places = folders.map(folder => resolve(folder, pattern))
    const found = places.map(place => globSync(place).toSorted()).find(each => each.length > 0)
    // that no file fits is known of a folder beside the file alone: /etc/nginx may be another one here
    const isKnown = places.some(each => each.startsWith(`${resolve(main)}/`) && existsSync(dirname(each)))
    return found ?? (/[*?[]/.test(pattern) && isKnown ? [] : undefined)
  }

  function expand(directives: readonly Directive[], depth: number): Directive[] {
    return directives.flatMap(directive => {
      if (directive.block) return [{ ...directive, block: expand(directive.block, depth) }]
      if (directive.name !== 'include') return [directive]
      if (depth === DEEPEST) throw mistakeAt(directive.file, directive.line, texts.includesItself)
      const [pattern = ''] = directive.args
      return filesFor(pattern)?.flatMap(file => read(file, depth + 1)) ?? [directive]
    })
  }

  const [first = path] = dumped?.keys() ?? []
  return read(first, 0)
}

const nameOf = (file: string) => (file === '-' ? 'stdin' : file)

/** The files in the output of `nginx -T`, in its order: the first is nginx.conf. Undefined where it is none. */
function filesOf(text: string): Map<string, string> | undefined {
  const parts = text.split(/^# configuration file ((?:\/|[A-Z]:).+):$/m)
  if (parts.length < 3) return undefined
  const files = new Map<string, string>()
  for (let at = 1; at < parts.length; at += 2) files.set(parts[at] ?? '', parts[at + 1] ?? '')
  return files
}
