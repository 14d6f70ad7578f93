import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A memory limit as a container has one, in whichever version of cgroups this machine has. */
export type Cgroup = {
  readonly folder: string
  /** bytes, the most that there was at a time */
  peak(): number
  /** Once nothing runs in it; the kernel takes a moment longer to see that than whoever has waited for it. */
  remove(): Promise<void>
}

const PATIENCE_MS = 10_000
const NAME = `gatehouse-image-${process.pid}`
const VERSIONS = [
  { folder: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes', peak: 'memory.max_usage_in_bytes' },
  { folder: '/sys/fs/cgroup', limit: 'memory.max', peak: 'memory.peak' },
]

function removed(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch {
    return false
  }
}

/** @returns undefined where this process may make none */
export function makeCgroup(bytes: number): Cgroup | undefined {
  for (const version of VERSIONS) {
    const folder = join(version.folder, NAME)
    try {
      mkdirSync(folder)
    } catch {
      continue
    }
    const remove = async () => {
      for (const signal = AbortSignal.timeout(PATIENCE_MS); !removed(folder); await sleep(20))
        signal.throwIfAborted()
    }
    if (existsSync(join(folder, version.limit))) {
      writeFileSync(join(folder, version.limit), String(bytes))
      return { folder, peak: () => Number(readFileSync(join(folder, version.peak), 'utf8')), remove }
    }
    rmdirSync(folder)
  }
  return undefined
}
