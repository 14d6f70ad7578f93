import { parseArgs } from 'node:util'
import { type Handler, measure, type Row } from './measure.ts'
import { isThere, SERVERS } from './servers.ts'

/**
 * The front before real servers, each with a handler that reads its body, one that does not and is slow, and one that works
 * and drops the connection. No request may be executed twice, the very first included. Servers whose programs are not
 * installed are skipped.
 *
 *     node test/backends/run.ts [--requests 12] [--only Go] [--short]
 */
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '12' },
    only: { type: 'string', default: '' },
    short: { type: 'boolean', default: false },
  },
})
const HANDLERS: readonly Handler[] = ['read', 'slow', 'drop']
const say = (cells: readonly (string | number)[]) => process.stdout.write(`| ${cells.join(' | ')} |\n`)

say([
  'server',
  'handler',
  'path',
  'addresses',
  'REPLAY',
  'what it does',
  'requests',
  'executed twice',
  'not answered',
  'first ms',
  'last ms',
  'connections',
])
say(Array.from({ length: 12 }, () => '---'))
for (const server of SERVERS) {
  if (!server.name.includes(values.only)) continue
  if (!isThere(server)) {
    say([server.name, 'skipped: not installed', ...Array.from({ length: 10 }, () => '')])
    continue
  }
  for (const handler of HANDLERS)
    for (const path of [`/${handler}`, `/${handler}/logout`])
      for (const addresses of values.short ? [2] : [1, 2])
        for (const replay of values.short ? (['on'] as const) : (['on', 'off'] as const))
          await one({ server, handler, path, addresses, replay })
}

async function one(row: Row) {
  // a slow one takes its time
  const requests = row.handler === 'slow' ? Math.ceil(Number(values.requests) / 3) : Number(values.requests)
  const { says, executedTwice, notAnswered, firstMs, lastMs, connections } = await measure(row, requests)
  say([
    row.server.name,
    row.handler,
    row.path,
    row.addresses,
    row.replay,
    says,
    requests,
    executedTwice,
    notAnswered,
    firstMs.toFixed(0),
    lastMs.toFixed(1),
    connections,
  ])
  if (executedTwice > 0) process.exitCode = 1
}
