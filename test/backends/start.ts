import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../../testing/command.ts'
import { eventually } from '../raw.ts'
import type { Place, Server } from './servers.ts'

/** A server that runs at two addresses. */
export type Running = {
  readonly name: string
  readonly hosts: readonly string[]
  readonly port: number
  /** how often each request was executed so far, by its X-Id */
  executions(): ReadonlyMap<string, number>
  stop(): Promise<void>
}

const HOSTS = ['127.0.0.1', '127.0.0.2'] as const
const run = promisify(execFile)

/** The packages that a server lacks. */
export const missing = ({ needs }: Server): string[] =>
  Object.entries(needs)
    .filter(([file]) => !existsSync(file))
    .map(([, name]) => name)

/** What the slow handler takes: longer than CONNECT_TIMEOUT. */
const SLOW_MS = 1200

/** @throws where it cannot be compiled, or does not answer within a minute; nothing is left then */
export async function start(server: Server): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-backends-'))
  const counts = join(folder, 'counts')
  const children: ChildProcess[] = []
  const killAlong = () => children.forEach(kill)
  process.once('exit', killAlong)
  const stop = async () => {
    process.off('exit', killAlong)
    await Promise.all(children.map(end))
    await rm(folder, { recursive: true, force: true })
  }
  try {
    if (server.compile) {
      const [program, ...words] = server.compile(folder)
      await run(program, words, { env: { ...process.env, GO111MODULE: 'off' } })
    }
    const port = Number(await freePort())
    const places = HOSTS.map(host => ({ host, port, folder: join(folder, host), compiled: folder }))
    for (const place of places)
      children.push(...spawnAt(server, place, { COUNTS: counts, SLOW_MS: `${SLOW_MS}` }))
    await Promise.all(places.map(isUp))
    return { name: server.name, hosts: HOSTS, port, executions: () => executionsIn(counts), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function spawnAt(server: Server, place: Place, settings: Record<string, string>): ChildProcess[] {
  mkdirSync(place.folder, { recursive: true })
  const env = {
    ...process.env,
    ...settings,
    HOST: place.host,
    PORT: `${place.port}`,
    PYTHONDONTWRITEBYTECODE: '1',
  }
  return server.commands(place).map(([program, ...words]) =>
    // in a group of its own, which ends as a whole: masters and workers
    spawn(program, words, { env, stdio: 'ignore', detached: true }),
  )
}

const isUp = ({ host, port }: Place) =>
  eventually(() =>
    fetch(`http://${host}:${port}/read`, { headers: { Connection: 'close' } }).then(
      ({ status }) => status === 200,
      () => false,
    ),
  )

function executionsIn(file: string): Map<string, number> {
  const times = new Map<string, number>()
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  for (const id of lines) times.set(id, (times.get(id) ?? 0) + 1)
  return times
}

async function end(child: ChildProcess) {
  if (hasEnded(child)) return
  const ended = once(child, 'exit')
  kill(child)
  await ended
}

function kill(child: ChildProcess) {
  if (!hasEnded(child) && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
}

const hasEnded = ({ pid, exitCode, signalCode }: ChildProcess) =>
  pid === undefined || exitCode !== null || signalCode !== null
