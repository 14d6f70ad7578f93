import { globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What tools/ready.mjs unpacks for the bench and for `npm run versus`. */
const ROOT = fileURLToPath(new URL('../.contenders/forky', import.meta.url))

/**
 * The command of a program that is newer than this machine's, as its words: the dynamic loader and the C library are of the
 * same Debian as the program. Undefined where it is not there.
 */
export function newer(program: 'nginx' | 'haproxy'): readonly [string, ...string[]] | undefined {
  const [loader] = globSync(join(ROOT, 'usr/lib/*/ld-linux-*.so.*'))
  if (loader === undefined) return
  return [loader, '--library-path', dirname(loader), '--argv0', program, join(ROOT, 'usr/sbin', program)]
}

/** Why a contender with such a program cannot run here. */
export const ABSENT =
  'needs Debian with apt-get, and its mirror: tools/ready.mjs fetches the program from there'
