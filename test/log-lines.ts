import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

type Line = Record<string, unknown>

/** Nothing is waited for longer, so that a line that never comes shows as a failure. */
const PATIENCE_MS = 30_000

/** The whole lines of a front's log so far. */
export async function logLines(file: string): Promise<Line[]> {
  const lines = (await readFile(file, 'utf8')).split('\n')
  // what stands behind the last newline may be half a line yet
  return lines.slice(0, -1).map(line => JSON.parse(line))
}

/**
 * The lines of a front's log that `look` holds for, once there are as many as `count`.
 * @throws {Error} with the log's last lines, where they do not come
 */
export async function untilLogged(file: string, look: (line: Line) => boolean, count = 1): Promise<Line[]> {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  for (;;) {
    const lines = await logLines(file)
    const found = lines.filter(look)
    if (found.length >= count) return found
    if (signal.aborted)
      throw new Error(
        `${found.length} of ${count} lines within ${PATIENCE_MS} ms; the last: ${JSON.stringify(lines.slice(-5))}`,
      )
    await sleep(10)
  }
}
