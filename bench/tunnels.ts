import { once } from 'node:events'
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { listen } from '../lib/front/listen.ts'
import { startDemoBackend } from '../testing/backend.ts'
import { freePort } from '../testing/command.ts'
import { answerSockets, SOCKETS, shakeHands } from '../testing/sockets.ts'
import { quantile } from './figures.ts'
import { here, start } from './programs.ts'
import { memoryMb } from './usage.ts'

/** Until V8's young generation is as large as it gets, which any load makes it; and what is counted. */
const [WARM_UP, COUNTED] = [1500, 1000]
const AT_ONCE = 50
const SETTLE_MS = 3000
const ROUNDS = 3

/** The memory (PSS) of the front by which it grows with each of 1,000 idle WebSockets, KB: the median of three fronts each. */
export async function idleSockets(): Promise<string> {
  const demo = await startDemoBackend()
  const plain = http.createServer().on('upgrade', answerSockets)
  const port = await listen(plain, 0, '127.0.0.1')
  try {
    const rows = [
      ['http', await median({ BACKEND_ORIGIN: `http://127.0.0.1:${port}` })],
      ['https', await median(demo.env)],
    ]
    return ['| API by | KB each |', '| --- | ---: |', ...rows.map(row => `| ${row.join(' | ')} |`)].join('\n')
  } finally {
    plain.close()
    await demo.close()
  }
}

async function median(env: Readonly<Record<string, string>>): Promise<string> {
  const all: number[] = []
  for (let i = 0; i < ROUNDS; i++) all.push(await growth(env))
  return quantile(all, 0.5).toFixed(0)
}

async function growth(env: Readonly<Record<string, string>>): Promise<number> {
  const port = Number(await freePort())
  const listeners = { HOST: '127.0.0.1', PORT: `${port}`, ADMIN_PORT: '0', EGRESS_PORT: '0' }
  const more = { PAGE_WORKERS: '0', BACKEND_PATHS: `/user/login,${SOCKETS}` }
  const front = start(here, 'front', process.execPath, ['server.ts'], {
    env: { ...env, ...listeners, ...more },
  })
  const clients: { destroy(): void }[] = []
  async function open(count: number): Promise<number> {
    for (let i = 0; i < count; i += AT_ONCE)
      clients.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => openOne(port)))))
    await sleep(SETTLE_MS)
    return memoryMb([front.pid])
  }
  try {
    await front.says('"msg":"ready"')
    const before = await open(WARM_UP)
    return (((await open(COUNTED)) - before) * 1024) / COUNTED
  } finally {
    for (const each of clients) each.destroy()
    await front.kill()
  }
}

async function openOne(port: number) {
  const { request } = shakeHands(port)
  const [, socket] = await once(request, 'upgrade')
  return socket.on('error', () => {})
}
