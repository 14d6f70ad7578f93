import type { FuzzedFront } from './fuzzed-front.ts'
import type { Key } from './random.ts'
import type { Fault } from './request-judge.ts'

/** What became of one case. */
export type Case = {
  readonly key: Key
  /**
   * The first answer's status; closed: the connection was, without one, or in the middle of it; left: by the client, as the
   * case has it; crossed: something crossed the request that nobody could have known of.
   */
  readonly outcome: string
  readonly sent: string
  readonly received: string
}

export type Result = {
  readonly cases: readonly Case[]
  readonly faults: readonly Fault[]
  /** with the front, when all was over */
  readonly wrong: readonly string[]
  /** what it logged of the cases with faults */
  readonly log: readonly string[]
}

const PARALLEL = 8

/** Runs cases, a few at a time, until all are done or the front's process has ended. */
export async function runAll(
  keys: readonly Key[],
  { front }: FuzzedFront,
  run: (key: Key) => Promise<Fault[]>,
): Promise<Fault[]> {
  const faults: Fault[] = []
  const open = new Set<Key>()
  const left = keys.values()
  let ended = false
  void front.exited.then(() => {
    ended = true
    for (const key of open) faults.push({ key, kind: 'crashed', words: 'under way when the process ended' })
  })
  const worker = async () => {
    for (const key of left) {
      if (ended) return
      open.add(key)
      try {
        faults.push(...(await run(key)))
      } catch (error) {
        // or else nobody listens any more, and that has been said
        if (!ended) faults.push({ key, kind: 'crashed', words: String(error) })
      }
      open.delete(key)
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, worker))
  return faults
}

/** The result of a front whose cases are through. */
export async function resultOf(
  cases: readonly Case[],
  faults: readonly Fault[],
  fuzzed: FuzzedFront,
): Promise<Result> {
  const faulty = cases.filter(({ key }) => faults.some(fault => fault.key === key))
  const log = await fuzzed.logOf(faulty.map(each => each.received).join())
  return { cases, faults, wrong: await fuzzed.wrong(), log }
}

const KINDS = ['hung', 'poisoned', 'leaked', 'malformed', 'crashed'] as const
const SHOWN = 20

/** A line for the table of outcomes and faults. */
export function row(name: string, { cases, faults, wrong }: Result): string[] {
  const count = (outcome: RegExp) => String(cases.filter(each => outcome.test(each.outcome)).length)
  const outcomes = [/^2/, /^3/, /^4/, /^5/, /^[6-9]/, /^closed/, /^left/, /^crossed/].map(count)
  const kinds = KINDS.map(kind => String(faults.filter(each => each.kind === kind).length))
  return [name, String(cases.length), ...outcomes, ...kinds, wrong.length === 0 ? 'alive' : wrong.join('; ')]
}

export const COLUMNS = [
  ...['', 'cases', '2xx', '3xx', '4xx', '5xx', 'other', 'closed', 'left', 'crossed', ...KINDS, 'front'],
]

/** Every fault with what was sent and received, and how to see it again; empty: there is none. */
export function faultsInFull({ cases, faults, wrong, log }: Result, kind: 'requests' | 'answers'): string {
  const quote = (text = '') =>
    text.length > 1500 ? `${JSON.stringify(text.slice(0, 1500))} …` : JSON.stringify(text)
  const lines = faults.slice(0, SHOWN).flatMap(({ key, kind: fault, words }) => {
    const found = cases.find(each => each.key === key)
    const again = key ? `--seed ${key.seed} --from ${key.number} --${kind} 1` : 'by no case that is known'
    return [
      `✖ ${fault}: ${words} (${again})`,
      `  sent     ${quote(found?.sent)}`,
      `  received ${quote(found?.received)}`,
    ]
  })
  const more = faults.length > SHOWN ? [`and ${faults.length - SHOWN} more`] : []
  return [...lines, ...more, ...wrong.map(each => `✖ the front: ${each}`), ...log.slice(0, SHOWN)].join('\n')
}
