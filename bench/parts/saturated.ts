import { onOneCore } from '../contenders/contender.ts'
import { gatehouseDefault, gatehouseWorkerACore } from '../contenders/gatehouse.ts'
import { nginxAndNext } from '../contenders/nginx.ts'
import { type Load, pace, saturate } from '../load.ts'
import { type Part, PER_SECOND, withRunning } from './part.ts'
import { login, untilAnswered } from './ready.ts'

const ON_PAGES = 16
const LOGGING_IN = 4
/** The pages are under load for so long before and after the logins. */
const MARGIN_S = 1

/** Logins while the heavy page gets as many requests as it can take. */
export const saturatedPart: Part = {
  name: 'saturated',
  contenders: [
    nginxAndNext,
    gatehouseDefault,
    gatehouseWorkerACore,
    onOneCore(nginxAndNext),
    onOneCore(gatehouseDefault),
  ],
  measure: (contender, setup, times, save) =>
    withRunning(contender, setup, async ({ url, spawnAt }) => {
      const [request, heavy] = [login(url), { url: `${url}/heavy` }]
      await untilAnswered(request)
      await untilAnswered(heavy)
      await saturate(spawnAt, request, LOGGING_IN, times.warmUp)
      await saturate(spawnAt, heavy, ON_PAGES, times.warmUp)

      const besidePages = async <T>(seconds: number, use: () => Promise<T>): Promise<[T, Load]> => {
        const pages = saturate(spawnAt, heavy, ON_PAGES, seconds + 2 * MARGIN_S)
        await new Promise(resolve => setTimeout(resolve, MARGIN_S * 1000))
        return Promise.all([use(), pages])
      }
      const [full, pages] = await besidePages(times.load, () =>
        saturate(spawnAt, request, LOGGING_IN, times.load),
      )
      const how = { perSecond: PER_SECOND, seconds: times.paced, warmUp: 0 }
      const [{ load: paced }, others] = await besidePages(times.paced, () => pace(spawnAt, request.url, how))
      save({
        rate: full.rate,
        p50: full.p50,
        p99: full.p99,
        pacedP50: paced.p50,
        pacedP99: paced.p99,
        pages: pages.rate,
        failed: full.failed + paced.failed + pages.failed + others.failed,
      })
    }),
}
