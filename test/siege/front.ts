import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { makeCgroup } from '../../bench/cgroup.ts'

/** A small task: what the bounds follow from. */
const MEMORY = 512 * 1024 ** 2
const DESCRIPTORS = 1024
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CONFIG = fileURLToPath(new URL('./gatehouse.config.ts', import.meta.url))

/** What the front holds at the moment. */
export type Held = {
  readonly rssMb: number
  readonly descriptors: number
  /** of clients, as the front counts them */
  readonly clients: number
  readonly toApi: number
  /** pages under way in the worker */
  readonly pages: number
}

export type Besieged = Awaited<ReturnType<typeof openBesieged>>

/** Starts the built front in a task of 512 MB, where that is possible, and 1,024 descriptors. */
export async function openBesieged(apiPort: number, partnerPort: number) {
  const cgroup = makeCgroup(MEMORY)
  const enter = cgroup ? `${cgroup.enter} && ` : ''
  const child = spawn(
    'sh',
    ['-c', `${enter}ulimit -n ${DESCRIPTORS} && exec "$0" server.ts`, process.execPath],
    {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        PATH: process.env.PATH,
        NODE_ENV: 'production',
        GATEHOUSE_CONFIG: CONFIG,
        API: `http://127.0.0.1:${apiPort}`,
        PARTNER: `http://127.0.0.1:${partnerPort}`,
        ...{ PORT: '0', ADMIN_PORT: '0', EGRESS_PORT: '0', HOST: '127.0.0.1' },
        // as a task of 512 MB has them, also where no memory limit could be set
        ...{
          MAX_BACKEND_REQUESTS: '256',
          BODY_MEMORY: '16mb',
          PAGE_MEMORY: '256mb',
          STOP_DELAY: '0s',
          STOP_TIMEOUT: '1s',
          BACKEND_TIMEOUT: '3s',
        },
      },
    },
  )
  const [ports] = await Promise.race([once(child, 'message'), once(child, 'exit')])
  if (typeof ports !== 'object') throw new Error(`the front ended with ${ports}`)
  const { port, adminPort } = ports
  const proc = `/proc/${child.pid}`
  const schedstat = `${proc}/task/${child.pid}/schedstat`
  const hasSchedstat = existsSync(schedstat)

  async function metrics() {
    const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text()
    return (name: string) => {
      const lines = text.split('\n').filter(line => new RegExp(`^gatehouse_${name}(\\{.*\\})? `).test(line))
      return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
    }
  }

  const status = (field: string) => {
    const [, kb = ''] =
      new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`${proc}/status`, 'utf8')) ?? []
    return Number(kb) / 1024
  }

  return {
    port: Number(port),
    /** whether a memory limit could be set: as root, with cgroups */
    isLimited: cgroup !== undefined,
    /** how often the kernel ended a process of the task, or a page worker had to be started again */
    restarts: async () => (await metrics())('page_worker_restarts_total'),
    /** the most that the front's own process held since it began */
    peakMb: () => status('VmHWM'),
    /** CPU time of the front's event loop since it began, in ms; none where the kernel does not tell */
    cpuMs: () => {
      if (!hasSchedstat) return Number.NaN
      return Number(readFileSync(schedstat, 'utf8').split(' ', 1)[0]) / 1e6
    },
    async held(): Promise<Held> {
      const of = await metrics()
      return {
        rssMb: status('VmRSS'),
        descriptors: readdirSync(`${proc}/fd`).length,
        clients: of('client_connections'),
        toApi: of('backend_connections'),
        pages: of('page_worker_requests_in_flight'),
      }
    },
    async close() {
      child.kill('SIGTERM')
      if (existsSync(proc)) await Promise.race([once(child, 'exit'), sleep(5000)])
      child.kill('SIGKILL')
      await cgroup?.remove()
    },
  }
}
