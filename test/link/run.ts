import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { markdownTable } from '../markdown.ts'
import { openLink } from './link.ts'
import { type Proof, type ProofOptions, prove } from './prove.ts'

/**
 * Proves on a link with real delay that no login fails or runs twice while the backend closes idle connections, and
 * that none runs twice where the connection breaks after it was executed. Beside it, what the plain recipe does.
 *
 *     node test/link/run.ts [--logins 20000] [--per-second 300] [--delay 2] [--close notify|destroy|reset] [--http] [--only NAME]
 */
const { values } = parseArgs({
  options: {
    logins: { type: 'string', default: '20000' },
    'per-second': { type: 'string', default: '300' },
    delay: { type: 'string', default: '2' },
    close: { type: 'string', default: 'notify' },
    http: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
})
const logins = Number(values.logins)
const close = (['notify', 'destroy', 'reset'] as const).find(each => each === values.close) ?? 'notify'
const common = { perSecond: Number(values['per-second']), close, secure: !values.http }

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const [plain, gatehouse] = [pathOf('plain.ts'), pathOf('../../server.ts')]

const RUNS: Record<string, ProofOptions> = {
  'plain recipe': { ...common, front: plain, logins: Math.ceil(logins / 4) },
  gatehouse: { ...common, front: gatehouse, logins },
  // these cannot wait for 100
  'gatehouse, no body': { ...common, front: gatehouse, logins: Math.ceil(logins / 10), bodyBytes: 0 },
  'gatehouse, 70 KB': { ...common, front: gatehouse, logins: Math.ceil(logins / 10), bodyBytes: 70_000 },
  'gatehouse, breaking': {
    ...common,
    front: gatehouse,
    logins: Math.ceil(logins / 4),
    closeShare: 0,
    crashShare: 0.05,
  },
}

const say = (words: string) => process.stdout.write(`${words}\n`)
const ms = (times: { median: number }) => times.median.toFixed(1)
const HEAD = [
  ...['front', 'sent', 'ok', 'failed', 'unexecuted', 'twice', 'closed', 'crossed', 'broken'],
  ...['connect ms', 'login ms'],
]

function row(name: string, proof: Proof): string[] {
  const { sent, ok, failedUnexecuted, executedTwice, closed, crossed, crashed, connectMs, loginMs } = proof
  const counts = [sent, ok, sent - ok, failedUnexecuted, executedTwice, closed, crossed, crashed]
  return [name, ...counts.map(String), `${connectMs.lowest.toFixed(1)}-${ms(connectMs)}`, ms(loginMs)]
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const link = await openLink(Number(values.delay))
if (typeof link === 'string') {
  say(`Skipped, no link here: ${link}`)
} else {
  const rows: string[][] = []
  try {
    for (const [name, options] of Object.entries(RUNS)) {
      if (!name.includes(values.only)) continue
      const proof = await prove(link, options)
      rows.push(row(name, proof))
      say(`${name}: ${JSON.stringify(proof.failed)}`)
      const wrong =
        proof.executedTwice + (options.crashShare ? proof.failedUnexecuted : proof.sent - proof.ok)
      if (options.front === gatehouse && wrong > 0) process.exitCode = 1
    }
  } finally {
    await link.close()
  }
  say(markdownTable(HEAD, rows))
}
