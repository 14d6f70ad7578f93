import { seconds } from './parse.ts'

/** An ALB closes an idle connection after so many seconds, unless told otherwise. */
export const IDLE_SECONDS = 60
/** How long a task may take until it is healthy, unless told otherwise; and the longest `startPeriod` of a health check in ECS. */
export const START_SECONDS = 60
export const MOST_START_SECONDS = 300
/** Fargate kills a task so many seconds after SIGTERM at the latest. */
const MOST_STOP_SECONDS = 120
/** AWS takes a Spot task two minutes after its notice, and wants a deregistration delay below that (the page of re:Post, below). */
const MOST_SPOT_DELAY = 119
/** An ALB has no longer deregistration delay. */
const MOST_DELAY = 3600
/** What the front adds to STOP_DELAY and STOP_TIMEOUT at most (lib/front/stopping.ts), and room for the end itself. */
const LAST_SECONDS = 2
const ROOM_SECONDS = 3
/** Gatehouse's own defaults (lib/settings/schema/). */
const DEFAULTS = { STOP_DELAY: '5s', STOP_TIMEOUT: '25s', BACKEND_TIMEOUT: '55s', KEEP_ALIVE_TIMEOUT: '75s' }

/**
 * AWS takes a Spot task back by a SIGTERM, and may leave it in the target group until it has stopped (re:Post, "How do I handle Fargate
 * Spot termination notices"): the front serves on until the ALB has noticed by /readyz.
 */
const SPOT = { STOP_DELAY: '40s' }
/** Three checks of the ALB, of which the first may come 10 s after SIGTERM, and room. */
const LEAST_SPOT_SECONDS = 35

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
 * SIGTERM then. So the delay has to outlast the slowest login, what the front would still serve after a SIGTERM, and what the ALB
 * itself waits for (the routes in an image have timeouts of their own); stopTimeout has to outlast the front's own way of stopping, or
 * ECS kills it half way.
 * @param idleSeconds the idle timeout of the public ALB, where it is known
 */
export function timesFor(environment: Environment, idleSeconds = 0, spot = false): Times {
  const stopping = (read(environment, 'STOP_DELAY') ?? 0) + (read(environment, 'STOP_TIMEOUT') ?? 0)
  const slowest = read(environment, 'BACKEND_TIMEOUT') ?? 0
  return {
    stopTimeout: Math.ceil(stopping + LAST_SECONDS) + ROOM_SECONDS,
    deregistrationDelay: Math.min(
      Math.max(Math.ceil(Math.max(stopping, slowest)) + 5, idleSeconds),
      spot ? MOST_SPOT_DELAY : MOST_DELAY,
    ),
  }
}

type Mistake = { readonly name: string; readonly accepts: string }

/** What is wrong with the times in the environment: a value that is none, or more than Fargate gives. */
export function timeMistakes(environment: Environment): Mistake[] {
  const names = Object.keys(DEFAULTS).filter(isTime)
  const unreadable = names
    .filter(name => read(environment, name) === undefined)
    .map(name => ({ name, accepts: 'a time, such as 500ms, 25s or 1m' }))
  if (unreadable.length > 0) return unreadable
  if (timesFor(environment).stopTimeout <= MOST_STOP_SECONDS) return []
  const most = MOST_STOP_SECONDS - LAST_SECONDS - ROOM_SECONDS
  const accepts = `STOP_DELAY and STOP_TIMEOUT of ${most}s together: Fargate kills a task after ${MOST_STOP_SECONDS} s`
  return [{ name: 'STOP_TIMEOUT', accepts }]
}

/** The environment with what Spot needs, unless it has that. */
export const onSpot = (environment: Environment): Environment => ({ ...SPOT, ...environment })

/** What is wrong with them on Spot alone: what timeMistakes says already is not said again. */
export function spotMistakes(environment: Environment): Mistake[] {
  const all = onSpot(environment)
  const delay = read(all, 'STOP_DELAY')
  if (delay === undefined || delay >= LEAST_SPOT_SECONDS)
    return timeMistakes(environment).length > 0 ? [] : timeMistakes(all)
  const accepts = `${LEAST_SPOT_SECONDS}s or more with task.spot: so long it may take the ALB to notice that the task ends`
  return [{ name: 'STOP_DELAY', accepts }]
}

/** What loadBalancer.idleSeconds accepts on Spot, where it is more: requests of that length would be cut off. */
export const spotIdleMistake = (idleSeconds: number): string | undefined =>
  idleSeconds > MOST_SPOT_DELAY
    ? `at most ${MOST_SPOT_DELAY} with task.spot: AWS takes a Spot task two minutes after its notice, and cuts off longer requests`
    : undefined

/** The public ALB must wait longer than the front waits for an API, and close an idle connection before the front does. */
export function idleMistakes(environment: Environment, idleSeconds: number): Mistake[] {
  const mistakes: Mistake[] = []
  // timeMistakes says what is none
  const timeout = read(environment, 'BACKEND_TIMEOUT')
  const keepAlive = read(environment, 'KEEP_ALIVE_TIMEOUT')
  if ((timeout ?? 0) >= idleSeconds) {
    const accepts = `less than ${idleSeconds}s (loadBalancer.idleSeconds): the public ALB gives up then, and its 504 says less`
    mistakes.push({ name: 'BACKEND_TIMEOUT', accepts })
  }
  if ((keepAlive ?? Infinity) <= idleSeconds) {
    const accepts = `more than ${idleSeconds}s (loadBalancer.idleSeconds): the ALB would send requests over connections that Gatehouse is closing, and answer 502`
    mistakes.push({ name: 'KEEP_ALIVE_TIMEOUT', accepts })
  }
  return mistakes
}

const isTime = (name: string): name is keyof typeof DEFAULTS => name in DEFAULTS
