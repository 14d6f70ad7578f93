import { availableParallelism } from 'node:os'

/** How a page worker shares the cores with the front and with the other workers. */
export type Share = {
  /** its priority; higher yields more */
  readonly nice: number
  /** for Node, beside what the heap gets */
  readonly flags: readonly string[]
}

/**
 * A core that both want goes to a login first. With a worker on every core, a login meets one wherever it wakes up, and
 * the scheduler lets even a process of low priority run on for some milliseconds when its turn has come: then they yield
 * as much as they can. The front is one thread, so that on two cores it cannot starve them; on a single one it could.
 * V8's four helper threads for each of them would only take turns with each other (figures: docs/decisions/0007).
 */
export function shareOf(workers: number, cores = availableParallelism()): Share {
  const onEveryCore = cores > 1 && workers >= cores
  return onEveryCore ? { nice: 19, flags: ['--v8-pool-size=1'] } : { nice: 10, flags: [] }
}
