import { startAlb } from '../../testing/alb.ts'
import { openFuzzedFront } from './fuzzed-front.ts'
import type { Key } from './random.ts'
import { createRecorder } from './recorder.ts'
import { type Fault, judgeReplies, judgeSeen } from './request-judge.ts'
import { type Run, runLogin, runRequest } from './request-run.ts'
import { requestCase } from './requests.ts'
import { type Result, resultOf, runAll } from './result.ts'

/** What a body may have; small, so that the cases around it are. */
const MAX_BODY = '128kb'

/** Sends the requests of these keys to a front, each with a plain login behind it and one on a new connection. */
export async function fuzzRequests(keys: readonly Key[]): Promise<Result> {
  const recorder = createRecorder()
  let host = ''
  const fuzzed = await openFuzzedFront(
    async (dns, authority) => {
      const alb = await startAlb({ dns, authority, handler: recorder.handler, count: 2 })
      host = `${alb.name}:${alb.port}`
      return alb
    },
    // a busy machine is no fault of the front
    { MAX_BODY, CONNECT_TIMEOUT: '10s' },
  )
  try {
    const main: Run[] = []
    const fresh: Run[] = []
    const faults = await runAll(keys, fuzzed, async key => {
      const each = requestCase(key)
      const run = await runRequest(each, fuzzed.port)
      const next = await runLogin(key, `${each.id}-fresh`, fuzzed.port)
      main.push(run)
      fresh.push(next)
      return [...judgeReplies(run, recorder), ...judgeReplies(next, recorder), ...lost(next)]
    })
    faults.push(...judgeSeen([...main, ...fresh], recorder, host))
    return await resultOf(main.map(summary), faults, fuzzed)
  } finally {
    await fuzzed.close()
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
