import { gatehouseDefault, gatehouseUnasked } from '../contenders/gatehouse.ts'
import { haproxy } from '../contenders/haproxy.ts'
import { nginx, nginxResolve } from '../contenders/nginx.ts'
import { plain } from '../contenders/plain.ts'
import { pace } from '../load.ts'
import { type Part, PER_SECOND, withRunning } from './part.ts'
import { login } from './ready.ts'

/** Logins before those that count. */
const WARM_UP = 1000

/** A steady rate of logins where each round trip to the API takes its time. */
export const linkPart: Part = {
  name: 'link',
  contenders: [nginx, nginxResolve, haproxy, plain, gatehouseDefault, gatehouseUnasked],
  onLink: true,
  measure: (contender, setup, times, save) =>
    withRunning(contender, setup, async ({ url, spawnAt }) => {
      const { addresses, port } = setup.backend
      const how = { perSecond: PER_SECOND, seconds: times.paced, warmUp: WARM_UP }
      const connect = `${addresses[0]}:${port}`
      const { load, connectMs } = await pace(spawnAt, login(url).url, { ...how, connect })
      const { p50, p99, failed } = load
      save({ p50, p99, connect: connectMs ?? Number.NaN, failed })
    }),
}
