import { readdirSync, readFileSync } from 'node:fs'

/** What processes use, read from /proc. */

/** The fields of /proc/PID/stat from the third on; the second is a name in brackets that may hold anything. */
function statOf(pid: number | string): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}

/** `S` for one that sleeps, `Z` for one that has ended and that nobody has asked for. */
export const stateOf = (pid: number): string | undefined => statOf(pid)[0]

/** A process and all that it started, directly or not. */
export function processesBelow(pid: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (/^\d+$/.test(name)) parents.set(Number(name), Number(statOf(name)[1]))
  }
  if (!parents.has(pid)) return []
  const found = [pid]
  for (const parent of found) for (const [each, its] of parents) if (its === parent) found.push(each)
  return found
}

/** CPU time so far of processes and all below them, user and system, of the threads that there are; µs. */
export function cpuMicros(pids: readonly number[]): number {
  return pids.flatMap(processesBelow).reduce((sum, pid) => sum + threadMicros(pid), 0)
}

/** From schedstat: nanoseconds, where /proc/PID/stat counts in hundredths of a second. */
function threadMicros(pid: number): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const nanos = threads.map(
      each => readFileSync(`/proc/${pid}/task/${each}/schedstat`, 'utf8').split(' ')[0],
    )
    return nanos.reduce((sum, each) => sum + Number(each), 0) / 1000
  } catch {
    return 0
  }
}

/** Memory of processes and all below them, MB: PSS, where a page that several share counts once. */
export function memoryMb(pids: readonly number[]): number {
  let kb = 0
  for (const pid of pids.flatMap(processesBelow)) kb += pssOf(pid)
  return kb / 1024
}

function pssOf(pid: number): number {
  try {
    const [, kb = '0'] = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? []
    return Number(kb)
  } catch {
    return 0
  }
}
