import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A memory limit as a container has one, in whichever version of cgroups this machine has. */
export type Cgroup = {
  readonly folder: string
  /** bytes, the most that there was at a time */
  peak(): number
  /** once nothing runs in it */
  remove(): void
}

const NAME = `gatehouse-image-${process.pid}`
const VERSIONS = [
  { folder: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes', peak: 'memory.max_usage_in_bytes' },
  { folder: '/sys/fs/cgroup', limit: 'memory.max', peak: 'memory.peak' },
]

/** @returns undefined where this process may make none */
export function makeCgroup(bytes: number): Cgroup | undefined {
  for (const version of VERSIONS) {
    const folder = join(version.folder, NAME)
    try {
      mkdirSync(folder)
    } catch {
      continue
    }
    const remove = () => rmdirSync(folder)
    if (existsSync(join(folder, version.limit))) {
      writeFileSync(join(folder, version.limit), String(bytes))
      return { folder, peak: () => Number(readFileSync(join(folder, version.peak), 'utf8')), remove }
    }
    remove()
  }
  return undefined
}
