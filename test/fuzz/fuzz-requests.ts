import { startAlb } from '../../demo/alb.ts'
import type { Key } from './random.ts'
import { type Fault, judgeReplies, judgeSeen } from './request-judge.ts'
import { type Run, runLogin, runRequest } from './request-run.ts'
import { requestCase } from './requests.ts'
import { type Result, resultOf, runAll } from './result.ts'
import { openStand } from './stand.ts'
import { createWitness } from './witness.ts'

/** What a body may have; small, so that the cases around it are. */
const MAX_BODY = '128kb'

/** Sends the requests of these keys to a front, each with a plain login behind it and one on a new connection. */
export async function fuzzRequests(keys: readonly Key[]): Promise<Result> {
  const witness = createWitness()
  let host = ''
  const stand = await openStand(
    async (dns, authority) => {
      const alb = await startAlb({ dns, authority, handler: witness.handler, count: 2 })
      host = `${alb.name}:${alb.port}`
      return alb
    },
    // a busy machine is no fault of the front
    { MAX_BODY, CONNECT_TIMEOUT: '10s' },
  )
  try {
    const main: Run[] = []
    const fresh: Run[] = []
    const faults = await runAll(keys, stand, async key => {
      const each = requestCase(key)
      const run = await runRequest(each, stand.port)
      const next = await runLogin(key, `${each.id}-fresh`, stand.port)
      main.push(run)
      fresh.push(next)
      return [...judgeReplies(run, witness), ...judgeReplies(next, witness), ...lost(next)]
    })
    faults.push(...judgeSeen([...main, ...fresh], witness, host))
    return await resultOf(main.map(summary), faults, stand)
  } finally {
    await stand.close()
  }
}

function lost({ key, replies }: Run): Fault[] {
  const status = replies[0]?.status
  const words = `the login on a new connection got ${status ?? 'no answer'}`
  return status === 200 ? [] : [{ key, kind: 'poisoned', words }]
}

function summary({ key, text, received, replies, after, hung }: Run) {
  const outcome = after === 'abort' ? 'left' : String(replies[0]?.status ?? 'closed')
  return { key, outcome: hung ? 'hung' : outcome, sent: `${text} [${after}]`, received }
}
