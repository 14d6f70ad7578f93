import { spawnSync } from 'node:child_process'
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { linkTree } from '../../e2e/working-copy.ts'
import { LISTENERS, startFrontProcess } from '../../testing/front-process.ts'
import { precompress } from '../../tools/precompress.ts'
import { startStore } from '../store.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { type Fronts, KINDS, oldAfter, oldInTime, wrongDrafts } from './rounds.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Processes that have one cache together. */
const SET_UPS: Readonly<Record<string, readonly string[]>> = {
  'a task with 2 workers': ['2'],
  '2 tasks': ['1', '1'],
}

type Until = { after(done: () => unknown): void }

/** Builds the app of site/, as `gatehouse build` does, whose cache is in Redis; its folder, which goes with the test. */
export async function buildApp(t: Until): Promise<string> {
  const folder = await temporaryFolder(t)
  await cp(fileURLToPath(new URL('site', import.meta.url)), folder, { recursive: true })
  await cp(join(ROOT, 'package.json'), join(folder, 'package.json'))
  await linkTree(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const args = ['node_modules/next/dist/bin/next', 'build']
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${stdout}${stderr}`)
  await precompress(folder)
  // what the standalone output has not is not in an image either
  for (const each of ['node_modules', 'package.json']) await rm(join(folder, each), { recursive: true })
  return folder
}

export type Found = {
  readonly what: string
  /** of those that were asked for right behind the answer to the renewal */
  readonly atOnce?: number
  readonly wrong: number
  readonly of: number
}

/** Runs all rounds in both set-ups, each with an empty Redis. */
export async function* measure(t: Until, app: string, rounds: number): AsyncGenerator<Found> {
  for (const [setUp, workers] of Object.entries(SET_UPS)) {
    const store = await startStore(t)
    const settings = { BACKEND_ORIGIN: 'http://127.0.0.1:1', STOP_DELAY: '0s', STOP_TIMEOUT: '2s' }
    const env = { ...LISTENERS, ...settings, REDIS_URL: store.url, DEPLOYMENT_VERSION: 'one' }
    const started = await Promise.all(
      workers.map(PAGE_WORKERS =>
        startFrontProcess({ ...env, PAGE_WORKERS }, undefined, app, [
          process.execPath,
          join(ROOT, 'server.ts'),
        ]),
      ),
    )
    t.after(() => Promise.all(started.map(each => each.stop())))
    await Promise.all(started.map(each => allReady(each.adminUrl)))
    const fronts: Fronts = { urls: started.map(({ url }) => url) }
    for (const [name, kind] of Object.entries(KINDS)) {
      const { atOnce, old, of } = await oldAfter(fronts, kind, rounds)
      yield { what: `${setUp}, ${name}`, atOnce, wrong: old, of }
    }
    const { old, of } = await oldInTime(fronts, rounds)
    yield { what: `${setUp}, time-based ISR`, wrong: old, of }
    yield { what: `${setUp}, draft mode`, ...(await wrongDrafts(fronts)) }
    if ((await store.ask('dbsize')) === 0) throw new Error('nothing is in Redis')
    await Promise.all(started.map(each => each.stop()))
  }
}

const State = z.object({ pages: z.array(z.object({ phase: z.string() })) })

async function allReady(adminUrl: string) {
  const signal = AbortSignal.timeout(60_000)
  for (;;) {
    const { pages } = State.parse(await (await fetch(new URL('/state', adminUrl), { signal })).json())
    if (pages.every(({ phase }) => phase === 'ready')) return
    await sleep(20)
  }
}
