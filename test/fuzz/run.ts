import { parseArgs } from 'node:util'
import { markdownTable } from '../markdown.ts'
import { fuzzAnswers } from './fuzz-answers.ts'
import { fuzzRequests } from './fuzz-requests.ts'
import { type Key, keysOf } from './random.ts'
import { COLUMNS, faultsInFull, type Result, row } from './result.ts'

/**
 * `node test/fuzz/run.ts`: odd requests to a front, and odd answers to it, on the production build. `--requests N` and
 * `--answers N` cases of `--seed S`, from number `--from K` on; a fault says how to see it again.
 */
const { values } = parseArgs({
  options: {
    requests: { type: 'string' },
    answers: { type: 'string' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    from: { type: 'string', default: '0' },
  },
})
const [seed, from] = [Number(values.seed), Number(values.from)]
const onlyOne = (values.requests === undefined) !== (values.answers === undefined)
const requests = Number(values.requests ?? (onlyOne ? 0 : 4000))
const answers = Number(values.answers ?? (onlyOne ? 0 : 2000))
/** A front for each so many: one that has learnt that its backend takes no Expect asks no more. */
const BATCH = 1000

async function inBatches(count: number, fuzz: (keys: readonly Key[]) => Promise<Result>): Promise<Result> {
  const results: Result[] = []
  for (let done = 0; done < count; done += BATCH) {
    results.push(await fuzz(keysOf(seed, Math.min(BATCH, count - done), from + done)))
    process.stdout.write(`${done + BATCH < count ? '.' : '.\n'}`)
  }
  return {
    cases: results.flatMap(each => each.cases),
    faults: results.flatMap(each => each.faults),
    wrong: results.flatMap(each => each.wrong),
    log: results.flatMap(each => each.log),
  }
}

process.stdout.write(`seed ${seed}\n`)
const results = [
  { kind: 'requests', ...(await inBatches(requests, fuzzRequests)) } as const,
  { kind: 'answers', ...(await inBatches(answers, fuzzAnswers)) } as const,
]
for (const result of results) {
  const words = faultsInFull(result, result.kind)
  if (words !== '') process.stdout.write(`${words}\n`)
}
process.stdout.write(
  `\n${markdownTable(
    COLUMNS,
    results.map(each => row(each.kind, each)),
  )}\n`,
)
const isClean = results.every(each => each.faults.length === 0 && each.wrong.length === 0)
// Node 26.10 was seen to spin for ever while it takes itself down (tools/end-at-once.mjs)
process.exit(isClean ? 0 : 1)
