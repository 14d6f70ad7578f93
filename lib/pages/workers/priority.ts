import { writeFileSync } from 'node:fs'
import os from 'node:os'
import { describeError } from '../../http/errors.ts'
import type { Log } from '../../log.ts'

/** Of -1000 to 1000: where memory runs out, the kernel ends a page worker, and not the front with every login. */
const OOM_SCORE_ADJ = '500'

/**
 * A page worker gives way to the front, for CPU and for memory. Call it at once, before it has threads: they inherit the priority of the one that
 * starts them.
 * @param nice of setpriority(2)
 */
export function lowerPriority(pid: number, nice: number, log: Log) {
  try {
    os.setPriority(pid, nice)
    if (process.platform === 'linux') writeFileSync(`/proc/${pid}/oom_score_adj`, OOM_SCORE_ADJ)
  } catch (error) {
    log.debug({ cause: describeError(error) }, 'the priority of a page worker could not be lowered')
  }
}
