import http from 'node:http'
import { describeError } from '../../http/errors.ts'
import type { PageWorker } from './process.ts'

type Outcomes = {
  /** it does not answer, and why */
  readonly failed: (reason: string) => void
  /** it has not answered for so long that it counts as ready all the same */
  readonly late: () => void
}

/**
 * Next listens before it can serve: it is asked for something cheap, and says what it then has to wait for (./preload.ts).
 * @returns what bounds the wait from now on, in ms. Call it once Next has taken the request, for the app's proxy.ts may wait for ever
 */
export function probeReadiness(
  { agent, port }: PageWorker,
  { failed, late }: Outcomes,
): (ms: number) => void {
  const request = http.get({ agent, host: '127.0.0.1', port, path: '/_next/static/-' }, answer =>
    answer.resume(),
  )
  let isOver = false
  let timer: NodeJS.Timeout | undefined
  request.on('error', error => {
    if (!isOver) failed(`does not answer: ${describeError(error)}`)
  })
  request.on('close', () => {
    isOver = true
    clearTimeout(timer)
  })
  return ms => {
    if (isOver) return
    timer ??= setTimeout(() => {
      isOver = true
      late()
      request.destroy()
    }, ms)
  }
}
