import { readFile } from 'node:fs/promises'

/** How long the main thread of each process has waited for a core, in ms; 0 where Linux is not there to say it. */
export async function waitedForCore(pids: readonly number[]): Promise<number> {
  const waits = pids.map(async pid => {
    const text = await readFile(`/proc/${pid}/schedstat`, 'utf8').catch(() => '')
    return Number(text.split(' ')[1] ?? 0) / 1e6
  })
  return Math.max(0, ...(await Promise.all(waits)))
}
