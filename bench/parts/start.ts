import { setTimeout as sleep } from 'node:timers/promises'
import { gatehouseDefault, gatehouseImage, gatehouseUncached } from '../contenders/gatehouse.ts'
import { next } from '../contenders/next.ts'
import { nginxAndNext } from '../contenders/nginx.ts'
import { saturate } from '../load.ts'
import { cpuMicros, memoryMb } from '../usage.ts'
import { type Part, withRunning } from './part.ts'
import { login, untilAnswered } from './ready.ts'

/** What a start does goes on for a while after the first answer. */
const SETTLE_MS = 2000
const CLIENTS = 16

/** From nothing to the first login and the first page, and what it costs to be there. */
export const startPart: Part = {
  name: 'start',
  contenders: [next, nginxAndNext, gatehouseDefault, gatehouseImage, gatehouseUncached],
  async measure(contender, setup, times, save) {
    const startedAt = performance.now()
    await withRunning(contender, setup, async ({ url, pids, spawnAt }) => {
      const [request, heavy] = [login(url), { url: `${url}/heavy` }]
      const since = async (answered: Promise<void>) => {
        await answered
        return performance.now() - startedAt
      }
      const [firstLogin, firstPage] = await Promise.all([
        since(untilAnswered(request)),
        since(untilAnswered({ url: `${url}/dynamic` })),
      ])
      const startCpu = cpuMicros(pids) / 1000
      await sleep(SETTLE_MS)
      const before = cpuMicros(pids)
      await sleep(times.rest * 1000)
      const restCpu = (cpuMicros(pids) - before) / 1000 / times.rest
      const restMb = memoryMb(pids)
      const loads = [
        saturate(spawnAt, request, CLIENTS, times.load),
        saturate(spawnAt, heavy, CLIENTS, times.load),
      ]
      await sleep(times.load * 900)
      const loadMb = memoryMb(pids)
      const [first, second] = await Promise.all(loads)
      const failed = (first?.failed ?? 0) + (second?.failed ?? 0)
      save({ firstLogin, firstPage, startCpu, restCpu, restMb, loadMb, failed })
    })
  },
}
