import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { connectTime } from './connect-time.ts'
import { quantile } from './figures.ts'

/**
 * The client of an open loop, a program of its own: logs in at a steady rate and prints its figures as JSON. A second
 * thread keeps the time, for timers of the event loop are whole milliseconds.
 */
const SETTINGS = z.object({
  url: z.string(),
  body: z.string(),
  perSecond: z.number(),
  seconds: z.number(),
  /** logins before those that count */
  warmUp: z.number(),
  /** host:port, whose TCP connect time is measured */
  connect: z.string().optional(),
})

const FIRST_MS = 30_000
const WARM_UP_CLIENTS = 8
const CONNECTIONS = 50

if (isMainThread) {
  const settings = SETTINGS.parse(JSON.parse(process.argv[2] ?? ''))
  process.stdout.write(`${JSON.stringify(await run(settings))}\n`)
} else {
  const { perSecond, seconds } = SETTINGS.parse(workerData)
  const cell = new Int32Array(new SharedArrayBuffer(4))
  const startedAt = performance.timeOrigin + performance.now()
  for (let i = 0; i < perSecond * seconds; i++) {
    const due = startedAt + (i * 1000) / perSecond
    const wait = due - performance.timeOrigin - performance.now()
    if (wait > 0) Atomics.wait(cell, 0, 0, wait)
    parentPort?.postMessage(due)
  }
}

async function run(settings: z.infer<typeof SETTINGS>) {
  const { url, body, perSecond, seconds, warmUp, connect } = settings
  const agent = new http.Agent({ keepAlive: true })
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
  const logIn = () =>
    new Promise<boolean>(resolve => {
      const request = http.request(url, { method: 'POST', agent, headers }, response => {
        response.resume().once('close', () => resolve(response.complete && response.statusCode === 200))
      })
      request.once('error', () => resolve(false)).end(body)
    })

  const patience = performance.now() + FIRST_MS
  while (!(await logIn())) {
    if (performance.now() > patience) throw new Error(`no login worked at ${url}`)
    await sleep(20)
  }
  let left = warmUp
  const one = async () => {
    while (left-- > 0) await logIn()
  }
  await Promise.all(Array.from({ length: WARM_UP_CLIENTS }, one))

  const times: number[] = []
  const logins: Promise<void>[] = []
  const clock = new Worker(new URL(import.meta.url), { workerData: settings })
  clock.on('message', (due: number) => {
    logins.push(
      logIn().then(ok => {
        if (ok) times.push(performance.timeOrigin + performance.now() - due)
      }),
    )
  })
  await new Promise(resolve => clock.once('exit', resolve))
  await Promise.all(logins)
  const connects: number[] = []
  for (let i = 0; connect !== undefined && i < CONNECTIONS; i++) connects.push(await connectTime(connect))
  agent.destroy()
  return {
    ok: times.length,
    failed: perSecond * seconds - times.length,
    rate: times.length / seconds,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    connectMs: connects.length > 0 ? quantile(connects, 0.5) : null,
  }
}
