import { availableParallelism } from 'node:os'
import { markdownTable } from '../markdown.ts'
import type { Row } from './compare.ts'

const COLUMNS = [
  'server',
  'handler',
  'addresses',
  'what it does',
  'requests',
  'executed twice',
  'failed',
  'of these not executed',
  'login: round trips added',
  'learnt after',
  'connections a request',
]

/** On the left with REPLAY=on, on the right with REPLAY=off. */
function cells({ server, handler, addresses, on, off, added }: Row): string[] {
  const both = (of: (measured: Row['on']) => string | number) => `${of(on)} · ${of(off)}`
  return [
    server,
    handler,
    `${addresses}`,
    on.says,
    both(each => each.requests),
    both(each => each.executedTwice),
    both(each => each.failed),
    both(each => each.undone),
    handler === 'read' || handler === 'mixed' ? added.toFixed(1) : '',
    on.learntAfter === undefined ? '' : `${on.learntAfter}`,
    both(each => (each.connections / each.requests).toFixed(2)),
  ]
}

export const tableOf = (rows: readonly Row[]): string => markdownTable(COLUMNS, rows.map(cells))

/** With which the figures were measured. */
export const conditions = (): string =>
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version.slice(1)}, ${availableParallelism()} cores`
