import { gatehouseDefault, gatehouseInProcess, gatehouseWorkerACore } from '../contenders/gatehouse.ts'
import { next } from '../contenders/next.ts'
import { nginxAndNext } from '../contenders/nginx.ts'
import { type Request, saturate } from '../load.ts'
import { type Part, withRunning } from './part.ts'
import { untilAnswered } from './ready.ts'

const CLIENTS = 16
/** What browsers send. */
const ENCODING = 'gzip, deflate, br'

const page = (path: string) => ({ path, encoding: ENCODING })

/** @param script path of a static file */
export const pagesPart = (script: string): Part => {
  const targets: Record<string, { path: string; encoding?: string }> = {
    'static page': page('/static'),
    'dynamic page': page('/dynamic'),
    'heavy page': page('/heavy'),
    'static file': page(script),
    'static file, uncompressed': { path: script },
  }
  return {
    name: 'pages',
    contenders: [next, nginxAndNext, gatehouseInProcess, gatehouseDefault, gatehouseWorkerACore],
    measure: (contender, setup, times, save) =>
      withRunning(contender, setup, async ({ url, spawnAt }) => {
        for (const [name, { path, ...rest }] of Object.entries(targets)) {
          const request: Request = { url: url + path, ...rest }
          await untilAnswered(request)
          await saturate(spawnAt, request, CLIENTS, times.warmUp)
          // requests that the warm-up gave up are still being rendered, half a second of the heavy page
          await untilAnswered(request)
          const { rate, p50, p99, failed } = await saturate(spawnAt, request, CLIENTS, times.page)
          save({ rate, p50, p99, failed }, name)
        }
      }),
  }
}
