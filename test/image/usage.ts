import { readFile } from 'node:fs/promises'

/** A process and those that it has started, outside of their namespace. */
export async function family(pid: number): Promise<number[]> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').filter(Boolean)
  return [pid, ...(await Promise.all(children.map(child => family(Number(child))))).flat()]
}

/** Bytes of memory: what only this process has, and its share of what it has together with others (PSS). */
export async function memoryOf(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1]) * 1024
}

/** `S` for one that sleeps, `Z` for one that has ended and that nobody has asked for. */
export async function stateOf(pid: number): Promise<string | undefined> {
  return /^State:\s+(\w)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
}
