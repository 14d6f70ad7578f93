import { setTimeout as sleep } from 'node:timers/promises'

/** Tries until it succeeds. @throws the last failure, after 20 s */
export async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + 20_000; ; await sleep(50)) {
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
  }
}
