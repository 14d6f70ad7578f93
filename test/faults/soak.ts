import { readdir, readFile } from 'node:fs/promises'
import http from 'node:http'
import { parseArgs } from 'node:util'
import { quantile } from '../../bench/figures.ts'
import { type Row, underLoad } from './row.ts'
import { ROWS } from './rows.ts'
import { type Form, inWorld, type World } from './world.ts'

/** `npm run soak`: faults and loads at random over one front process, for 30 minutes or `--minutes N`. */
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } })
const totalMs = Number(values.minutes) * 60_000
const WARM_UP = 0.25
const SAMPLE_MS = 10_000
const FORM: Form = { loadMs: 8000, perSecond: 100, pagesPerSecond: 10, maxTtl: 1, withNext: true, runs: 1 }

type Sample = { atMs: number; mb: number; fds: number }

const say = (line: string) => process.stdout.write(`${line}\n`)
const between = (least: number, most: number) => least + Math.random() * (most - least)
const rows = ROWS.filter(row => !row.restarts && !row.second && row.ttl === undefined)
const pick = (): Row => rows[Math.floor(Math.random() * rows.length)] ?? { name: 'nothing', fault: () => {} }

async function sample(pid: number, atMs: number): Promise<Sample> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const kb = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1])
  return { atMs, mb: kb / 1024, fds: (await readdir(`/proc/${pid}/fd`)).length }
}

/** What else reaches a front: pages, large bodies, and clients that leave before they are answered. */
function disturb(port: number) {
  const dice = Math.random()
  const [method, path] = dice < 0.4 ? ['GET', '/login'] : ['POST', '/user/login']
  const request = http.request({ host: '127.0.0.1', port, method, path, agent: false }, response => {
    response.on('error', () => {}).resume()
  })
  request.on('error', () => {})
  if (dice > 0.7) setTimeout(() => request.destroy(), between(0, 30))
  request.end(method === 'POST' ? Buffer.alloc(between(1, 200_000)) : undefined)
}

/** Level: the last third of the samples lies no higher than the first, but for what a heap breathes. */
function grows(samples: readonly number[], slack: number): string | undefined {
  const third = Math.max(1, Math.floor(samples.length / 3))
  const [first, last] = [quantile(samples.slice(0, third), 0.5), quantile(samples.slice(-third), 0.5)]
  return last > first * 1.1 + slack ? `${first.toFixed(0)} → ${last.toFixed(0)}` : undefined
}

async function soak(world: World): Promise<boolean> {
  const pid = world.pids[1] ?? 0
  const startedAt = performance.now()
  const samples: Sample[] = []
  const rest: number[] = []
  let logins = 0
  let rounds = 0
  let unclear = 0
  const broken: string[] = []

  const sampling = setInterval(async () => {
    const atMs = performance.now() - startedAt
    const seen = await sample(pid, atMs).catch(() => undefined)
    if (!seen) return
    samples.push(seen)
    say(`${(atMs / 1000).toFixed(0).padStart(5)} s  ${seen.mb.toFixed(0)} MB  ${seen.fds} handles`)
  }, SAMPLE_MS)
  const disturbing = setInterval(() => disturb(world.port), 100)

  while (performance.now() - startedAt < totalMs) {
    const row = pick()
    const form = { ...FORM, loadMs: between(4000, 10_000), perSecond: Math.round(between(20, 150)) }
    await world.reset(row.nodes ?? 2)
    // at rest: the addresses of the round before have departed, and their connections with them
    if (performance.now() - startedAt > totalMs * WARM_UP) rest.push((await sample(pid, 0)).fds)
    await row.before?.(world)
    const result = await underLoad(row, world, form)
    rounds++
    logins += result.sent
    say(`         ${row.name}: ${form.perSecond}/s, ${result.answered} of ${result.sent}, ${result.verdict}`)
    if (result.verdict === 'machine too busy') unclear++
    if (result.verdict === 'broken') broken.push(`${row.name}: ${result.broken.join('\n  ')}`)
  }
  clearInterval(sampling)
  clearInterval(disturbing)

  const warm = samples.filter(each => each.atMs > totalMs * WARM_UP)
  const memory = grows(
    warm.map(each => each.mb),
    16,
  )
  const handles = grows(rest, 8)
  const warnings = (await readFile(world.logFile, 'utf8')).match(/\w+Warning: .*/g) ?? []
  const [low, high] = [Math.min(...warm.map(each => each.mb)), Math.max(...warm.map(each => each.mb))]
  say(`\n${rounds} rounds, ${logins} logins, ${warm.length} samples after the warm-up`)
  say(`memory   ${low.toFixed(0)}-${high.toFixed(0)} MB: ${memory ? `grows, ${memory}` : 'level'}`)
  say(`handles  ${Math.min(...rest)}-${Math.max(...rest)} at rest: ${handles ? `grow, ${handles}` : 'level'}`)
  say(`warnings ${warnings.length === 0 ? 'none' : [...new Set(warnings)].join('; ')}`)
  say(
    `promise  ${broken.length === 0 ? 'kept' : `broken:\n${broken.join('\n')}`}; the machine was too busy to tell in ${unclear} rounds`,
  )
  return !memory && !handles && warnings.length === 0 && broken.length === 0
}

const level = await inWorld(FORM, {}, soak)
say(level ? '\nlevel' : '\nNOT level')
process.exitCode = level ? 0 : 1
