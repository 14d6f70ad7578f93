import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { here, type SpawnAt } from './programs.ts'

/** A group of processes with so much CPU and memory and no more, as a task on Fargate has it. Linux, as root. */
export type Group = {
  /** the front's programs in the group, all others outside */
  readonly spawnAt: SpawnAt
  /** how often the kernel has ended a process for want of memory */
  kills(): number
  close(): Promise<void>
}

const ROOT = '/sys/fs/cgroup'
const PERIOD_MICROS = 100_000
const MB = 1024 ** 2

/** cgroup v2 is one tree, v1 one for each kind of thing. */
function layout(cores: number, mb: number) {
  const quota = Math.round(cores * PERIOD_MICROS)
  return existsSync(`${ROOT}/cgroup.controllers`)
    ? {
        folders: [ROOT],
        limits: {
          'cpu.max': `${quota} ${PERIOD_MICROS}`,
          'memory.max': `${mb * MB}`,
          'memory.swap.max': '0',
        },
        kills: [ROOT, 'memory.events'] as const,
      }
    : {
        folders: [`${ROOT}/cpu`, `${ROOT}/memory`],
        limits: {
          'cpu.cfs_period_us': `${PERIOD_MICROS}`,
          'cpu.cfs_quota_us': `${quota}`,
          'memory.limit_in_bytes': `${mb * MB}`,
        },
        kills: [`${ROOT}/memory`, 'memory.oom_control'] as const,
      }
}

/**
 * @param cores 0.25: a quarter of one
 * @throws where groups cannot be made: not root, or no cgroups
 */
export function openGroup(cores: number, mb: number): Group {
  const { folders, limits, kills } = layout(cores, mb)
  const name = `gatehouse-${process.pid}`
  const own = folders.map(folder => join(folder, name))
  for (const folder of own) mkdirSync(folder)
  for (const [file, value] of Object.entries(limits)) {
    const folder = own.find(each => existsSync(join(each, file)))
    if (folder) writeFileSync(join(folder, file), value)
    else if (file !== 'memory.swap.max') throw new Error(`${file} is not there`)
  }
  const enter = `${own.map(folder => `echo $$ > ${folder}/cgroup.procs`).join(' && ')} && exec "$0" "$@"`
  return {
    spawnAt: (side, command, args, options) =>
      side === 'front'
        ? here(side, 'sh', ['-c', enter, command, ...args], options)
        : here(side, command, args, options),
    kills() {
      const [folder, file] = kills
      const text = readFileSync(join(folder, name, file), 'utf8')
      return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? Number.NaN)
    },
    async close() {
      for (const folder of own) await removed(folder)
    },
  }
}

/** A process that was killed is in its group for a moment. */
async function removed(folder: string) {
  for (let tries = 0; ; tries++) {
    try {
      return rmdirSync(folder)
    } catch (error) {
      if (tries === 50) throw error
      await sleep(100)
    }
  }
}
