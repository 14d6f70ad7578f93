import { seconds } from './parse.ts'

/** The public ALB closes an idle connection after so many seconds: before the front does (75 s), or requests cross its close. */
export const IDLE_SECONDS = 60
/** Fargate kills a task so many seconds after SIGTERM at the latest. */
const MOST_STOP_SECONDS = 120
/** What the front adds to STOP_DELAY and STOP_TIMEOUT at most (lib/front/stopping.ts), and room for the end itself. */
const LAST_SECONDS = 2
const ROOM_SECONDS = 3
/** Gatehouse's own defaults (lib/settings/schema/). */
const DEFAULTS = { STOP_DELAY: '5s', STOP_TIMEOUT: '25s', BACKEND_TIMEOUT: '55s' }

type Environment = Readonly<Record<string, string>>

/** In seconds. */
export type Times = {
  /** ECS: from SIGTERM to SIGKILL */
  readonly stopTimeout: number
  /** the target group: how long a request that is under way keeps its connection to a task that leaves */
  readonly deregistrationDelay: number
}

const read = (environment: Environment, name: keyof typeof DEFAULTS) =>
  seconds(environment[name]?.trim() || DEFAULTS[name])

/**
 * ECS takes a task out of its target group, waits until the ALB has let go of it or the deregistration delay is over, and sends
 * SIGTERM then. So the delay has to outlast the slowest login, and what the front would still serve after a SIGTERM; stopTimeout
 * has to outlast the front's own way of stopping, or ECS kills it half way.
 */
export function timesFor(environment: Environment): Times {
  const stopping = (read(environment, 'STOP_DELAY') ?? 0) + (read(environment, 'STOP_TIMEOUT') ?? 0)
  const slowest = read(environment, 'BACKEND_TIMEOUT') ?? 0
  return {
    stopTimeout: Math.ceil(stopping + LAST_SECONDS) + ROOM_SECONDS,
    deregistrationDelay: Math.ceil(Math.max(stopping, slowest)) + 5,
  }
}

type Mistake = { readonly name: string; readonly accepts: string }

/** What is wrong with the times in the environment: a value that is none, or more than Fargate or the ALB give. */
export function timeMistakes(environment: Environment): Mistake[] {
  const names = Object.keys(DEFAULTS).filter(isTime)
  const unreadable = names
    .filter(name => read(environment, name) === undefined)
    .map(name => ({ name, accepts: 'a time, such as 500ms, 25s or 1m' }))
  if (unreadable.length > 0) return unreadable
  const mistakes: Mistake[] = []
  if (timesFor(environment).stopTimeout > MOST_STOP_SECONDS) {
    const most = MOST_STOP_SECONDS - LAST_SECONDS - ROOM_SECONDS
    const accepts = `STOP_DELAY and STOP_TIMEOUT of ${most}s together: Fargate kills a task after ${MOST_STOP_SECONDS} s`
    mistakes.push({ name: 'STOP_TIMEOUT', accepts })
  }
  if ((read(environment, 'BACKEND_TIMEOUT') ?? 0) >= IDLE_SECONDS) {
    const accepts = `less than ${IDLE_SECONDS}s: the public ALB gives up then, and its 504 says less`
    mistakes.push({ name: 'BACKEND_TIMEOUT', accepts })
  }
  return mistakes
}

const isTime = (name: string): name is keyof typeof DEFAULTS => name in DEFAULTS
