import { globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type Directive, NginxSyntaxError, parseNginx } from './parse.ts'

/** Deeper than that, a file includes itself. */
const DEEPEST = 20

/**
 * Reads a file and what it includes. An `include` that leads nowhere here (only a part of /etc/nginx may have been
 * copied) stays in the result as it is.
 * @param fill what is done to each file's text first
 * @throws NginxSyntaxError at a mistake in one of the files; what `readFileSync` throws at the first file
 */
export function readNginxFile(
  path: string,
  isDirective: (word: string) => boolean,
  fill: (text: string) => string = text => text,
): Directive[] {
  const main = dirname(path)
  // Nginx looks beside nginx.conf; a file of conf.d/ or sites-enabled/ is one below it
  const folders = [main, join(main, '..')]

  function read(file: string, depth: number): Directive[] {
    return expand(parseNginx(fill(readFileSync(file, 'utf8')), file, isDirective), depth)
  }

  function expand(directives: readonly Directive[], depth: number): Directive[] {
    return directives.flatMap(directive => {
      if (directive.block) return [{ ...directive, block: expand(directive.block, depth) }]
      if (directive.name !== 'include') return [directive]
      if (depth === DEEPEST) throw new NginxSyntaxError(directive.file, directive.line, 'includes itself')
      const [pattern = ''] = directive.args
      const found = folders
        .map(folder => globSync(resolve(folder, pattern)).toSorted())
        .find(each => each.length > 0)
      return found?.flatMap(file => read(file, depth + 1)) ?? [directive]
    })
  }

  return read(path, 0)
}
