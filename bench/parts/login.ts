import { fastifyProxy } from '../contenders/fastify.ts'
import { gatehouseDefault, gatehouseMute, gatehouseUnasked } from '../contenders/gatehouse.ts'
import { haproxy } from '../contenders/haproxy.ts'
import { rewrites } from '../contenders/next.ts'
import { nginx, nginxResolve } from '../contenders/nginx.ts'
import { plain } from '../contenders/plain.ts'
import { pace, saturate } from '../load.ts'
import { cpuMicros } from '../usage.ts'
import { type Part, PER_SECOND, withRunning } from './part.ts'
import { login, untilAnswered } from './ready.ts'

const CLIENTS = 16

/** As many logins as can be, then a steady rate of them. */
export const loginPart: Part = {
  name: 'login',
  contenders: [
    nginx,
    nginxResolve,
    haproxy,
    plain,
    fastifyProxy,
    rewrites,
    gatehouseDefault,
    gatehouseUnasked,
    gatehouseMute,
  ],
  measure: (contender, setup, times, save) =>
    withRunning(contender, setup, async ({ url, pids, spawnAt }) => {
      const request = login(url)
      await untilAnswered(request)
      await saturate(spawnAt, request, CLIENTS, times.compile)
      const before = cpuMicros(pids)
      const full = await saturate(spawnAt, request, CLIENTS, times.load)
      const cpu = (cpuMicros(pids) - before) / full.ok
      const beforePaced = cpuMicros(pids)
      const { load: paced } = await pace(spawnAt, request.url, {
        perSecond: PER_SECOND,
        seconds: times.paced,
        warmUp: 0,
      })
      const pacedCpu = (cpuMicros(pids) - beforePaced) / paced.ok
      save({
        cpu,
        rate: full.rate,
        p50: full.p50,
        p99: full.p99,
        pacedCpu,
        pacedP50: paced.p50,
        pacedP99: paced.p99,
        failed: full.failed + paced.failed,
      })
    }),
}
