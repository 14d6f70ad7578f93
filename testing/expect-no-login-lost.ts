import http from 'node:http'
import type { Balancer } from './balancer.ts'
import { explain } from './explain.ts'
import type { Front } from './front.ts'
import { LOGIN_PATH, type Login, type LoginRequest, logInByRequest } from './login.ts'
import { openLoop } from './open-loop.ts'

export type NoLoginLostOptions = {
  /** Where logins go, and whose log is looked into. */
  front: Pick<Front, 'url' | 'logOf' | 'status' | 'log'>
  /** What says how often each login was executed; its account is the one that logs in. */
  balancer?: Balancer
  login?: LoginRequest
  /** Logins a second, whether or not earlier ones have been answered; 10 if left out. */
  perSecond?: number
}

/** This many are described; the others are counted. */
const DESCRIBED = 5
/** Logins that have to work before, and are begun after, so that what happens in between is seen to matter. */
const AROUND = 3

/**
 * Logs in at a steady rate while something happens.
 * @param during what happens
 * @returns the logins, all of which worked and were executed once
 * @throws with each login that failed, or was executed more than once: its id, answer and log lines; and where none came to the balancer
 */
export async function expectNoLoginLost(
  during: () => Promise<unknown>,
  { front, balancer, login = {}, perSecond = 10 }: NoLoginLostOptions,
): Promise<readonly Login[]> {
  const request = { ...login, fields: login.fields ?? { ...balancer?.account } }
  const agent = new http.Agent({ keepAlive: true })
  const logins: Login[] = []
  const since = Date.now()
  const executedBefore = new Set(balancer?.seen.executedMoreThanOnce())
  try {
    // before the rate: the first login of a process that has just started takes longer
    for (let i = 0; i < AROUND; i++) logins.push(await logInByRequest(front.url, agent, request))
    if (logins.every(each => each.isLoggedIn)) {
      const load = openLoop(perSecond, async () => {
        logins.push(await logInByRequest(front.url, agent, request))
      })
      try {
        await during()
      } finally {
        await load.stop()
      }
      for (let i = 0; i < AROUND; i++) logins.push(await logInByRequest(front.url, agent, request))
    }
  } finally {
    agent.destroy()
  }
  const failed = logins.filter(each => !each.isLoggedIn)
  const twice = balancer?.seen.executedMoreThanOnce().filter(id => !executedBefore.has(id)) ?? []
  // then nothing that happened to the balancer has been tried. The logins AROUND have always been sent when none failed
  const isElsewhere = failed.length === 0 && balancer?.seen.requests.every(each => each.at < since) === true
  if (failed.length === 0 && twice.length === 0 && !isElsewhere) return logins

  const sent = (isElsewhere ? logins.slice(0, 1) : failed).map(toSent(request.path))
  const why = await explain({ front, balancer, since, sent })
  const lines = [
    isElsewhere && `${logins.length} logins worked, and none of them came to the balancer`,
    failed.length > 0 &&
      `${failed.length} of ${logins.length} ${logins.length === 1 ? 'login' : 'logins'} failed`,
    ...why.map(each => `- ${each}`),
    ...failed.slice(0, DESCRIBED).flatMap(each => linesOf(each, front)),
    failed.length > DESCRIBED && `… and ${failed.length - DESCRIBED} more`,
    ...twice.map(id => `Login ${id} was executed ${balancer?.seen.executed(id)} times.`),
  ]
  throw new Error(lines.filter(each => typeof each === 'string').join('\n'))
}

const toSent =
  (path = LOGIN_PATH) =>
  ({ id, answer, error }: Login) => ({ id, method: 'POST', path, status: answer?.status, error })

function linesOf({ id, at, ms, answer, error }: Login, front: Pick<Front, 'logOf'>): string[] {
  const what = answer ? `${answer.status} ${answer.text.slice(0, 160).replaceAll(/\s+/g, ' ')}` : error
  return [
    `Login ${id} at ${new Date(at).toISOString()}, after ${ms} ms: ${what}`,
    ...front.logOf(id).map(line => `    ${line.slice(0, 400)}`),
  ]
}
