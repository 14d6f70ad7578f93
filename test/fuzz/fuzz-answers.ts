import { judgeAnswer } from './answer-judge.ts'
import { type Answered, BACKEND_TIMEOUT_MS, runAnswer } from './answer-run.ts'
import { type AnsweringBackend, startAnswering } from './answering.ts'
import { answerCase } from './answers.ts'
import { openFuzzedFront } from './fuzzed-front.ts'
import type { Key } from './random.ts'
import { type Case, type Result, resultOf, runAll } from './result.ts'

/** Lets the backend answer as these keys say, each time with plain logins behind it. */
export async function fuzzAnswers(keys: readonly Key[]): Promise<Result> {
  const opened = Promise.withResolvers<AnsweringBackend>()
  const fuzzed = await openFuzzedFront(
    async (dns, authority) => {
      opened.resolve(startAnswering(dns, authority))
      return opened.promise
    },
    { BACKEND_TIMEOUT: `${BACKEND_TIMEOUT_MS}ms` },
  )
  try {
    const backend = await opened.promise
    const cases: Case[] = []
    const faults = await runAll(keys, fuzzed, async key => {
      const each = answerCase(key)
      const { id, script, method } = each
      const { promise, resolve: through } = Promise.withResolvers<void>()
      backend.scripts.set(id, { script, through })
      const answered = await runAnswer(each, fuzzed.port, promise)
      const { faults, crossed } = judgeAnswer(each, answered, backend)
      const { pieces, ...how } = script
      const sent = `${method}: ${pieces.join('')} ${JSON.stringify(how)}`
      cases.push({ key, outcome: crossed ? 'crossed' : outcome(answered), sent, received: answered.received })
      return faults
    })
    return await resultOf(cases, faults, fuzzed)
  } finally {
    await fuzzed.close()
  }
}

function outcome({ main: { hung, left, reply } }: Answered): string {
  if (hung) return 'hung'
  if (left) return 'left'
  return reply?.whole ? String(reply.status) : 'closed'
}
