import { fork } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { quantile } from '../../bench/figures.ts'
import { listen } from '../../lib/front/listen.ts'
import { freePort } from '../../testing/command.ts'
import { ATTACKS } from './attacks.ts'
import { type Besieged, type Held, openBesieged } from './front.ts'

/** The logins of others, meanwhile. */
type Logins = {
  /** in ms, as the two below: p99 of how long one takes, and of the CPU time that the front's event loop has had meanwhile, whatever else the machine does */
  readonly p99: number
  readonly cpuP99: number
  readonly cpuMax: number
  readonly all: number
  readonly refused: number
  readonly failed: string[]
}

export type Row = {
  readonly what: string
  readonly logins: Logins
  /** the most that was seen of each while it lasted */
  readonly most: Held
  /** 5 s afterwards at the latest */
  readonly after: Held
  readonly isBack: boolean
  readonly restarts: number
}

const PER_SECOND = 20
/** So long may it take until all is back, in ms; BACKEND_TIMEOUT is 3 s here. */
const BACK_MS = 5000
/** What the pool keeps of connections, and of spare ones, for as long as they are young. */
const KEPT = 60

/**
 * One attack after the other, `seconds` long each, against one front.
 * @param backMs so long is waited for what should be back
 * @param only attacks whose name has this in it
 */
export async function besiege(seconds: number, { backMs = BACK_MS, only = '' } = {}) {
  const api = http.createServer((req, res) => {
    req.resume().on('end', () => {
      if (!req.url?.endsWith('/hang')) res.end('ok')
    })
  })
  const partnerPort = Number(await freePort())
  const front = await openBesieged(await listen(api, 0, '127.0.0.1'), partnerPort)
  try {
    await logIn(front, 1)
    const quiet = await logIn(front, seconds)
    const start = await front.held()
    const rows: Row[] = []
    const names = Object.keys(ATTACKS).filter(each => each.includes(only))
    for (const what of names) rows.push(await suffer(front, what, seconds, { start, backMs, partnerPort }))
    return { quiet, rows, peakMb: front.peakMb(), isLimited: front.isLimited }
  } finally {
    await front.close()
    api.closeAllConnections()
    api.close()
  }
}

type Calm = { readonly start: Held; readonly backMs: number; readonly partnerPort: number }

async function suffer(front: Besieged, what: string, seconds: number, calm: Calm): Promise<Row> {
  const before = await front.restarts()
  const attacker = fork(fileURLToPath(new URL('./attacks.ts', import.meta.url)), [
    what,
    String(front.port),
    String(calm.partnerPort),
  ])
  const most: Held[] = []
  const watching = new AbortController()
  const watched = (async () => {
    for (; !watching.signal.aborted; await sleep(250)) most.push(await front.held())
  })()
  const logins = await logIn(front, seconds)
  attacker.kill('SIGKILL')
  await once(attacker, 'exit')
  watching.abort()
  await watched
  const { after, isBack } = await settle(front, calm)
  return { what, logins, most: mostOf(most), after, isBack, restarts: (await front.restarts()) - before }
}

/** Waits until connections are back at what they were, but not for long. */
async function settle(front: Besieged, { start, backMs }: Calm) {
  for (const until = performance.now() + backMs; ; await sleep(200)) {
    const after = await front.held()
    const isBack =
      after.clients <= start.clients + 2 && after.pages === 0 && after.descriptors <= start.descriptors + KEPT
    if (isBack || performance.now() > until) return { after, isBack }
  }
}

const mostOf = (all: readonly Held[]): Held => {
  const most = (field: keyof Held) => Math.max(0, ...all.map(each => each[field]))
  return {
    rssMb: most('rssMb'),
    descriptors: most('descriptors'),
    clients: most('clients'),
    toApi: most('toApi'),
    pages: most('pages'),
  }
}

/** Logs in at a steady pace, each over a connection of its own as another visitor has it. What a bound refuses has not failed. */
async function logIn({ port, cpuMs }: Besieged, seconds: number): Promise<Logins> {
  const times: number[] = []
  const cpu: number[] = []
  const failed: string[] = []
  let refused = 0
  const one = async () => {
    const startedAt = performance.now()
    const cpuBefore = cpuMs()
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/user/login`, {
        method: 'POST',
        body: 'name=taro',
        headers: { connection: 'close' },
        signal: AbortSignal.timeout(10_000),
      })
      const text = await answer.text()
      if (answer.status === 200) {
        times.push(performance.now() - startedAt)
        cpu.push(cpuMs() - cpuBefore)
      } else if (answer.status === 503 && /"code":"(FULL|BACKEND_FULL)".*"retry":true/.test(text)) refused++
      else failed.push(`${answer.status} ${text.trim()}`)
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      // beyond the reserve a connection is closed at once
      if (/ECONNRESET|other side closed/.test(String(cause))) refused++
      else failed.push(String(cause))
    }
  }
  const under: Promise<void>[] = []
  for (let i = 0; i < seconds * PER_SECOND; i++) {
    under.push(one())
    await sleep(1000 / PER_SECOND)
  }
  await Promise.all(under)
  return {
    p99: quantile(times, 0.99),
    cpuP99: quantile(cpu, 0.99),
    cpuMax: Math.max(...cpu),
    all: under.length,
    refused,
    failed,
  }
}
