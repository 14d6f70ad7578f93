import { readFile, rm } from 'node:fs/promises'
import { after, type TestContext } from 'node:test'
import { z } from 'zod'
import { startDemoBackend } from '../../testing/backend.ts'
import { freePort } from '../../testing/command.ts'
import { type FrontProcess, LISTENERS, startFrontProcess } from '../../testing/front-process.ts'
import { eventually } from '../raw.ts'
import { buildSite } from './built-site.ts'
import { startElsewhere } from './elsewhere.ts'
import { startNextStart } from './next-start.ts'

const PATIENCE_MS = 40_000

export const elsewhere = await startElsewhere()
after(() => elsewhere.close())
export const { origin: ELSEWHERE } = elsewhere
/** The app with the pages of site/, as it is built: once for all files that need it. */
export const copy = await buildSite(ELSEWHERE)
after(() => rm(copy, { recursive: true, force: true }))
export const backend = await startDemoBackend({ scryptCost: 2 ** 10 })
after(() => backend.close())

const State = z.object({
  pages: z
    .array(z.object({ pid: z.number().optional(), phase: z.string(), restarts: z.number() }))
    .optional(),
})

function begin(env: Record<string, string>, logFile?: string): Promise<FrontProcess> {
  const settings = {
    PAGE_WORKERS: '2',
    PAGE_MEMORY: '256mb',
    STOP_DELAY: '0s',
    STOP_TIMEOUT: '2s',
    // the API runs in this process: a busy machine, not a page, makes its TLS handshakes slow
    CONNECT_TIMEOUT: '10s',
  }
  return startFrontProcess({ ...backend.env, ...LISTENERS, ...settings, ...env }, logFile, copy)
}

export async function start(
  t: TestContext,
  env: Record<string, string>,
  logFile?: string,
): Promise<FrontProcess> {
  const front = await begin(env, logFile)
  t.after(() => front.stop())
  return front
}

/** Begun at its first use, and for all tests that leave it as it was: a start costs seconds of CPU. */
function shared<Process extends { stop(): unknown }>(start: () => Promise<Process>): () => Promise<Process> {
  let begun: Promise<Process> | undefined
  after(async () => (await begun)?.stop())
  return () => (begun ??= start())
}

export const nextStart = shared(() => startNextStart(copy, { ELSEWHERE }))

export const WORKERS = ['0', '1'] as const

export const fronts = {
  0: shared(() => begin({ PAGE_WORKERS: '0', ELSEWHERE })),
  1: shared(() => begin({ PAGE_WORKERS: '1', ELSEWHERE })),
}

/** With what a page may end or a signal may replace: two workers. */
export const withTwo = shared(() => begin({}))

export const OWN_PORT = await freePort()

export const configured = shared(() =>
  begin({ PAGE_WORKERS: '1', OWN_PORT, SLOW: 'yes', HEALTH_PREFIX: '/_gatehouse' }),
)

export const get = (front: FrontProcess, path: string, headers: Record<string, string> = {}) =>
  fetch(new URL(path, front.url), {
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(PATIENCE_MS),
  })

export async function workersOf(front: FrontProcess) {
  return State.parse(await (await fetch(new URL('/state', front.adminUrl))).json()).pages ?? []
}

/** Resolves to their ids when all workers are ready and `look` is true. */
export async function ready(front: FrontProcess, look = (_pids: number[]) => true): Promise<number[]> {
  const lookAt = async () => {
    const workers = await workersOf(front)
    const pids = workers.map(({ pid = 0 }) => pid)
    return workers.every(({ phase }) => phase === 'ready') && look(pids) && pids
  }
  return eventually(lookAt, { everyMs: 20 })
}

/** One that has ended may still be in the table until its parent asks for it. */
export async function runs(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return stat !== undefined && !/\) [ZX] /.test(stat)
}

export async function gone(pids: readonly number[]) {
  for (const pid of pids) await eventually(async () => !(await runs(pid)))
}

export const portOf = ({ url }: { url: string }) => Number(new URL(url).port)
