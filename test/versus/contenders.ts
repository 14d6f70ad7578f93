import type { Contender } from '../../bench/contenders/contender.ts'
import { gatehouseDefault } from '../../bench/contenders/gatehouse.ts'
import { haproxy, haproxyRetrying } from '../../bench/contenders/haproxy.ts'
import { rewrites } from '../../bench/contenders/next.ts'
import { nginx, nginxResolve } from '../../bench/contenders/nginx.ts'
import { plain } from '../../bench/contenders/plain.ts'

type Entry = {
  readonly contender: Contender
  /** rows that it differs in from the one before; all where it is left out */
  readonly rows?: readonly string[]
  /** not in the README's table */
  readonly variant?: true
}

/** In the order of the tables. */
export const CONTENDERS: readonly Entry[] = [
  { contender: { ...nginx, name: 'nginx, variable' } },
  { contender: nginxResolve },
  { contender: haproxy },
  { contender: haproxyRetrying, rows: ['refuse', 'drop', 'vanish'], variant: true },
  { contender: plain },
  { contender: rewrites },
  { contender: gatehouseDefault },
]

export const NEEDS_BUILD = rewrites
