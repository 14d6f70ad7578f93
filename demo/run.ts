import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startDemoBackend } from '../testing/backend.ts'
import { startFrontProcess } from '../testing/front-process.ts'
import { failures, type Load, startLoad, startSocketLoad } from '../testing/load.ts'
import { SOCKETS } from '../testing/sockets.ts'
import { CHANGES } from './changes.ts'
import { SECOND_LOGIN, startCalmApi } from './second-api.ts'

/**
 * `npm run demo`: a front in production mode before an ALB whose addresses change. `--once`: bounded, with a verdict. `--second`: it is that of
 * a second API, to which the routes of a gatehouse.config.mjs lead.
 */
const { values } = readArguments()
const pace = values.once
  ? { everyMs: 4000, perSecond: 40, socketsPerSecond: 5 }
  : { everyMs: 15_000, perSecond: 5, socketsPerSecond: 1 }
const rounds = values.once ? CHANGES.length : 1000

const LOG = '.demo/front.log'
const say = (line: string) => process.stdout.write(`${line}\n`)
const clock = () => new Date().toTimeString().slice(0, 8)
const tally = (load: Load) => `${load.ok} ok, ${failures(load)} failed`

async function demo(signal: AbortSignal): Promise<number> {
  await mkdir('.demo', { recursive: true })
  // the demo's own client logs in all the time; scrypt at its usual cost would fill a core
  const backend = await startDemoBackend({ scryptCost: 2 ** 12 })
  const { alb, dns, authority, account } = backend
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-demo-app-'))
  const calm = values.second
    ? await startCalmApi(folder, alb.origin, { dns, authority, handler: backend.handler })
    : undefined
  const { BACKEND_ORIGIN: _, ...others } = backend.env
  const apis = calm ? others : { ...backend.env, BACKEND_PATHS: `/user/login,${SOCKETS}` }
  const ports = values.once ? { PORT: '0', ADMIN_PORT: '0', EGRESS_PORT: '0' } : {}
  try {
    const front = await startFrontProcess({ ...apis, ...ports }, LOG, calm?.cwd)
    signal.addEventListener('abort', () => void front.stop())
    say(`
  Watch it     ${front.adminUrl}/    the status page shows each change within a second
  Gatehouse    ${front.url}/login
  account      ${account.name} / ${account.password}
  log          ${LOG}

  The API behind it is an ALB of ${alb.listed.length} nodes on loopback, ${alb.origin}, found by DNS.
  A client logs in ${pace.perSecond} times a second and opens ${pace.socketsPerSecond} WebSockets a second; log in yourself, too.
  Every ${pace.everyMs / 1000} s the ALB changes its addresses. Nginx would answer 502 from the first kill on.
  ${values.once ? `${rounds} changes, then the tally.` : 'Ctrl-C ends everything.'}
`)
    const load = startLoad(front.url, account, pace.perSecond, calm && SECOND_LOGIN)
    const sockets = startSocketLoad(front.url, pace.socketsPerSecond)
    const loads = [load, sockets]
    /** A moment when neither has anything in flight; what is due in it is left out. */
    const quiet = async () => {
      const goOn = await Promise.all(loads.map(each => each.hold()))
      setImmediate(() => {
        for (const each of goOn) each()
      })
    }
    front.exited.then(() => Promise.all(loads.map(each => each.stop())))
    for (let round = 0; round < rounds && !signal.aborted; round++) {
      await sleep(pace.everyMs, undefined, { signal })
      const change = CHANGES[round % CHANGES.length]
      const before = tally(load)
      say(`${clock()}  logins: ${before}.  The ALB ${await change?.(alb, { quiet })}`)
    }
    await sleep(pace.everyMs, undefined, { signal })
    await Promise.all(loads.map(each => each.stop()))
    await front.stop()
    for (const [what, each] of [
      ['logins', load],
      ['WebSockets', sockets],
    ] as const) {
      say(
        `\n${rounds} address changes, ${each.ok + failures(each)} ${what}: ${tally(each)}, the longest took ${each.longestMs.toFixed(0)} ms`,
      )
      for (const [error, times] of Object.entries(each.failed)) say(`  ${error}: ${times}`)
    }
    const isGood = loads.every(each => failures(each) === 0 && each.ok > 0)
    if (!isGood) say(`\nWhy each failed: "code" and "cause" in ${LOG}`)
    if (!isGood && (loadavg()[0] ?? 0) > 2 * availableParallelism())
      say(
        'This machine is busy with other work (see `uptime`): TLS handshakes then take seconds. Try again when it is idle.',
      )
    return isGood ? 0 : 1
  } finally {
    await calm?.close()
    await backend.close()
    await rm(folder, { recursive: true, force: true })
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
    return parseArgs({
      options: {
        once: { type: 'boolean', default: false },
        second: { type: 'boolean', default: false },
      },
    })
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
