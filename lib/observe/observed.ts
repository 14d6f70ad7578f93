import type { Backend } from '../backend/backend.ts'
import type { Config } from '../settings/settings.ts'
import type { Bounds } from './bounds.ts'
import type { History } from './history.ts'
import type { Lifecycle, WorkerState } from './lifecycle.ts'
import type { LimitTally, Tallies } from './tally.ts'

/** What metrics, events, CloudWatch's lines and the status page are read from. */
export type Observed = {
  readonly config: Config
  readonly lifecycle: Lifecycle
  /** where logins go */
  readonly backend: Backend
  /** all of them, that one first */
  readonly backends: readonly Backend[]
  readonly tallies: Tallies
  readonly bounds: Bounds
  /** absent where there is no limit */
  readonly limit?: LimitTally | undefined
  readonly history: History
  /** absent where there are no page workers */
  readonly workers?: () => readonly WorkerState[] | undefined
}
