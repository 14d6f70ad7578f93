import { mkdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startDemoBackend } from '../testing/backend.ts'
import { startFrontProcess } from '../testing/front-process.ts'
import { failures, type Load, startLoad } from '../testing/load.ts'
import { CHANGES } from './changes.ts'

/** `npm run demo`: a front in production mode before an ALB whose addresses change. `--once`: bounded, with a verdict. */
const { values } = readArguments()
const pace = values.once ? { everyMs: 4000, perSecond: 40 } : { everyMs: 15_000, perSecond: 5 }
const rounds = values.once ? CHANGES.length : 1000

const LOG = '.demo/front.log'
const say = (line: string) => process.stdout.write(`${line}\n`)
const clock = () => new Date().toTimeString().slice(0, 8)
const tally = (load: Load) => `${load.ok} ok, ${failures(load)} failed`

async function demo(signal: AbortSignal): Promise<number> {
  await mkdir('.demo', { recursive: true })
  // the demo's own client logs in all the time; scrypt at its usual cost would fill a core
  const backend = await startDemoBackend({ scryptCost: 2 ** 12 })
  const { alb, account } = backend
  const ports = values.once ? { PORT: '0', ADMIN_PORT: '0', EGRESS_PORT: '0' } : {}
  try {
    const front = await startFrontProcess({ ...backend.env, ...ports }, LOG)
    signal.addEventListener('abort', () => void front.stop())
    say(`
  Watch it     ${front.adminUrl}/    the status page shows each change within a second
  Gatehouse    ${front.url}/login
  account      ${account.name} / ${account.password}
  log          ${LOG}

  The API behind it is an ALB of ${alb.listed.length} nodes on loopback, ${alb.origin}, found by DNS.
  A client logs in ${pace.perSecond} times a second; log in yourself, too.
  Every ${pace.everyMs / 1000} s the ALB changes its addresses. Nginx would answer 502 from the first kill on.
  ${values.once ? `${rounds} changes, then the tally.` : 'Ctrl-C ends everything.'}
`)
    const load = startLoad(front.url, account, pace.perSecond)
    front.exited.then(() => load.stop())
    for (let round = 0; round < rounds && !signal.aborted; round++) {
      await sleep(pace.everyMs, undefined, { signal })
      const change = CHANGES[round % CHANGES.length]
      const before = tally(load)
      say(`${clock()}  logins: ${before}.  The ALB ${await change?.(alb, load)}`)
    }
    await sleep(pace.everyMs, undefined, { signal })
    await load.stop()
    await front.stop()
    say(
      `\n${rounds} address changes, ${load.ok + failures(load)} logins: ${tally(load)}, the longest took ${load.longestMs.toFixed(0)} ms`,
    )
    for (const [what, times] of Object.entries(load.failed)) say(`  ${what}: ${times}`)
    return failures(load) === 0 && load.ok > 0 ? 0 : 1
  } finally {
    await backend.close()
  }
}

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
try {
  process.exitCode = await demo(stop.signal)
} catch (error) {
  if (stop.signal.aborted) say('\nStopped.')
  else complain(error)
}

function readArguments() {
  try {
    return parseArgs({ options: { once: { type: 'boolean', default: false } } })
  } catch (error) {
    complain(error)
    process.exit()
  }
}

/** In a sentence: of a front that cannot start what it says itself, without the lines of its log. */
function complain(error: unknown) {
  const text = error instanceof Error ? error.message : String(error)
  const said = text.slice(Math.max(text.indexOf('Gatehouse cannot start'), 0)).replace(/^\{.*\n?/gm, '')
  process.stderr.write(`${said.trimEnd()}\n`)
  process.exitCode = 1
}
