import type { Request } from './requests.ts'

type Known = {
  readonly reason: string
  readonly line: RegExp
  readonly path: RegExp
}

/** What is not as under `next start`, on purpose; each reason is in docs/parity.md. */
export const KNOWN: readonly Known[] = [
  {
    reason: 'The digest of an error is made of its stack, which names the folder of the standalone output',
    line: /^body: .*digest/,
    path: /^\/throws/,
  },
  {
    reason: 'Whether an ISR page is in the cache of the process depends on what was asked for before',
    line: /^(x-nextjs-cache: (HIT|MISS|STALE)|cache-control: s-maxage=3600)/,
    path: /^(\/ja)?\/post\//,
  },
]

/** Why an answer differs in this line; undefined where nobody knows. */
export const reasonFor = ({ path }: Request, line: string): string | undefined =>
  KNOWN.find(each => each.line.test(line) && each.path.test(path))?.reason
