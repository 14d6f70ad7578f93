import { setTimeout as sleep } from 'node:timers/promises'
import { after } from 'next/server'

/** Works on behind its answer, and says so in the log. */
export function POST() {
  after(async () => {
    await sleep(3000)
    process.stdout.write('done behind the answer\n')
  })
  return new Response('answered')
}
