import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { type SpawnAt, start } from './programs.ts'

/** What a load saw. Times in ms; `failed`: answered with an error, cut off or not at all. */
export type Load = { rate: number; p50: number; p99: number; failed: number; ok: number }

export type Request = { url: string; body?: string; encoding?: string }

/** About 60 bytes, as a login form sends them. */
export const LOGIN = JSON.stringify({ name: 'taro', password: 'himitsu-no-tobira', stay: true })

const SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url))
const PACED = fileURLToPath(new URL('paced.ts', import.meta.url))

const WRK = z.object({
  answered: z.number(),
  bad: z.number(),
  broken: z.number(),
  micros: z.number(),
  p50: z.number(),
  p99: z.number(),
})

/** Figures from the output of wrk with wrk.lua; throws where they are not in it. */
export function readWrk(output: string): Load {
  const line = output.split('\n').find(each => each.startsWith('{')) ?? ''
  const { answered, bad, broken, micros, p50, p99 } = WRK.parse(JSON.parse(line))
  const ok = answered - bad
  return { ok, rate: (ok * 1e6) / micros, p50: p50 / 1000, p99: p99 / 1000, failed: bad + broken }
}

/** Closed loop: each of the clients, on a connection of its own, sends as soon as it has its answer. */
export async function saturate(
  spawnAt: SpawnAt,
  { url, body, encoding }: Request,
  clients: number,
  seconds: number,
): Promise<Load> {
  const env = {
    METHOD: body === undefined ? 'GET' : 'POST',
    ...(body !== undefined && { BODY: body, TYPE: 'application/json' }),
    ...(encoding !== undefined && { ENCODING: encoding }),
  }
  // --latency only adds lines for people: the script has its figures either way
  const args = ['-t1', `-c${clients}`, `-d${seconds}s`, '--timeout', '10s', '-s', SCRIPT, url]
  const program = start(spawnAt, 'client', 'wrk', args, { env })
  return readWrk(await program.result())
}

const PACED_RESULT = z.object({
  ok: z.number(),
  failed: z.number(),
  p50: z.number(),
  p99: z.number(),
  rate: z.number(),
  connectMs: z.number().nullable(),
})

export type Pace = { perSecond: number; seconds: number; warmUp: number; connect?: string }

/** Open loop: logins leave at a steady rate whether or not earlier ones have been answered; times from when they were due. */
export async function pace(spawnAt: SpawnAt, url: string, how: Pace) {
  const args = [PACED, JSON.stringify({ url, body: LOGIN, ...how })]
  const program = start(spawnAt, 'client', process.execPath, args)
  const { connectMs, ...load } = PACED_RESULT.parse(JSON.parse(await program.result()))
  return { load, connectMs }
}
