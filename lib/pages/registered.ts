import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** In ms. Pages of an app that takes longer are served all the same, and wait in Next. */
const REGISTER_MS = 30_000
/** An internal module of Next, which returns the promise of the one call of register(). */
const MODULE = './dist/server/lib/router-utils/instrumentation-globals.external.js'

/**
 * Resolves when the app's register() (instrumentation.ts) has ended, whatever came of it. Next listens before that and has each page wait
 * for it. Call when Next has answered something: it has begun by then.
 * @param file of the app, from which Next is found
 */
export async function registered(file: string): Promise<void> {
  try {
    const ofNext = createRequire(createRequire(file).resolve('next/package.json'))
    // Next has loaded it by now
    const ensure: unknown = ofNext.cache[ofNext.resolve(MODULE)]?.exports.ensureInstrumentationRegistered
    if (typeof ensure === 'function')
      await Promise.race([ensure(dirname(file), '.next'), sleep(REGISTER_MS, undefined, { ref: false })])
  } catch {
    // another Next, or what register() throws: every page throws it, and Next prints it
  }
}
