import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const ROOT = '/sys/fs/cgroup'
const PERIOD_MICROS = 100_000
const PATIENCE_MS = 10_000

/** Version 2 is one tree, version 1 one for each kind of thing. */
function layout(bytes: number, cores: number | undefined) {
  const quota = cores && Math.round(cores * PERIOD_MICROS)
  if (existsSync(`${ROOT}/cgroup.controllers`)) {
    return {
      folders: [ROOT],
      limits: {
        ...(quota && { 'cpu.max': `${quota} ${PERIOD_MICROS}` }),
        'memory.max': bytes,
        'memory.swap.max': 0,
      },
      peak: 'memory.peak',
      events: 'memory.events',
    }
  }
  return {
    folders: [`${ROOT}/memory`, ...(quota ? [`${ROOT}/cpu`] : [])],
    limits: {
      'memory.limit_in_bytes': bytes,
      ...(quota && { 'cpu.cfs_period_us': PERIOD_MICROS, 'cpu.cfs_quota_us': quota }),
    },
    peak: 'memory.max_usage_in_bytes',
    events: 'memory.oom_control',
  }
}

/**
 * So much memory, and CPU, for a group of processes and no more, as a task on Fargate has them.
 * @param cores 0.25: a quarter of one
 * @returns undefined where this process may make none: not root, or no cgroups
 */
export function makeCgroup(bytes: number, cores?: number) {
  const { folders, limits, peak, events } = layout(bytes, cores)
  const own = folders.map(folder => join(folder, `gatehouse-${process.pid}`))
  const [memory = ''] = own
  const read = (file: string) => readFileSync(join(memory, file), 'utf8')
  try {
    for (const folder of own) mkdirSync(folder)
    for (const [file, value] of Object.entries(limits)) {
      const folder = own.find(each => existsSync(join(each, file)))
      if (folder) writeFileSync(join(folder, file), String(value))
      // a kernel without swap
      else if (file !== 'memory.swap.max') throw new Error(`${file} is not there`)
    }
  } catch {
    own.forEach(removed)
    return undefined
  }
  return {
    /** for a shell: what puts it, and all that it starts, into the group */
    enter: own.map(folder => `echo $$ > ${folder}/cgroup.procs`).join(' && '),
    /** bytes, the most that there was at a time */
    peak: () => Number(read(peak)),
    /** how often the kernel has ended a process for want of memory */
    kills: () => Number(/^oom_kill (\d+)$/m.exec(read(events))?.[1] ?? Number.NaN),
    /** once nothing runs in it */
    async remove() {
      const signal = AbortSignal.timeout(PATIENCE_MS)
      // the kernel takes a moment longer to see that a process has ended than whoever has waited for it
      for (const folder of own) while (!removed(folder)) await sleep(20, undefined, { signal })
    },
  }
}

function removed(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch {
    return false
  }
}
