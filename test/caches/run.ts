import { buildApp, measure } from './app.ts'

/**
 * `npm run caches`: an app whose cache is in Redis, by the handler that docs/caches.md recommends, with two workers and with two tasks. Ends
 * with 1 if an answer is old right behind the one to the renewal, or 50 ms later.
 */
const ROUNDS = 20

const ends: (() => unknown)[] = []
const t = { after: (done: () => unknown) => void ends.unshift(done) }
try {
  let wrong = 0
  for await (const each of measure(t, await buildApp(t), ROUNDS)) {
    const atOnce = each.atOnce === undefined ? '' : ` (right behind the renewal's answer: ${each.atOnce})`
    process.stdout.write(`${each.what}: ${each.wrong} of ${each.of} old or wrong${atOnce}\n`)
    wrong += each.wrong + (each.atOnce ?? 0)
  }
  process.exitCode = wrong === 0 ? 0 : 1
} finally {
  for (const end of ends) await end()
}
