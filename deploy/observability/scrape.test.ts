import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { on, once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { z } from 'zod'
import { eventually } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

const PROMETHEUS = '/usr/bin/prometheus'
const skip = existsSync(PROMETHEUS) ? false : `${PROMETHEUS} is not installed (apt-get install prometheus)`
const TOKEN = 'himitsu-himitsu-himitsu-himitsu-'

const Targets = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({ labels: z.object({ job: z.string() }), health: z.string(), lastError: z.string() }),
    ),
  }),
})

/** The README's file, for this front: with another target, and asking every second. */
async function configFor(folder: string, adminPort: number) {
  const readme = await readFile(new URL('README.md', import.meta.url), 'utf8')
  const [, config = ''] = /^```yaml\n(scrape_configs:\n[\s\S]*?)^```/m.exec(readme) ?? []
  const fill = (token: string) =>
    config
      .replace('/etc/prometheus/gatehouse-token', join(folder, token))
      .replace('10.0.3.17:4001', `127.0.0.1:${adminPort}`)
      .replace('scrape_interval: 15s', 'scrape_interval: 1s')
  const [, job = ''] = /^scrape_configs:\n([\s\S]*)$/.exec(fill('wrong')) ?? []
  return `${fill('right')}${job.replace('job_name: gatehouse', 'job_name: guesser').replace('1s', '2s')}`
}

/** Prometheus with this configuration, where it listens. */
async function startPrometheus(t: TestContext, folder: string): Promise<string> {
  const args = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
  ]
  const program = spawn(PROMETHEUS, [...args, '--web.listen-address=127.0.0.1:0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  t.after(async () => {
    program.kill()
    if (program.exitCode === null) await once(program, 'exit')
    await rm(folder, { recursive: true })
  })
  const said: string[] = []
  const lines = createInterface(program.stderr)
  for await (const [line] of on(lines, 'line', { close: ['close'] })) {
    said.push(line)
    const [, port] = /msg="Listening on" address=127\.0\.0\.1:(\d+)/.exec(line) ?? []
    // the interface stays open and goes on reading: a full pipe would hold Prometheus
    if (port) return `http://127.0.0.1:${port}`
  }
  throw new Error(said.join('\n'))
}

test('Prometheus scrapes the admin listener with the token as the README says, and with another one not', {
  skip,
}, async t => {
  const { adminPort } = await stage(t, { env: { ADMIN_TOKEN: TOKEN } })
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-scrape-'))
  await writeFile(join(folder, 'right'), `${TOKEN}\n`)
  await writeFile(join(folder, 'wrong'), TOKEN.toUpperCase())
  await writeFile(join(folder, 'prometheus.yml'), await configFor(folder, adminPort))
  const url = await startPrometheus(t, folder)
  let seen: Record<string, string> = {}
  await eventually(async () => {
    // Prometheus says 503 until it is ready, and a scrape may time out on a busy machine
    const answer = await fetch(`${url}/api/v1/targets`)
    if (!answer.ok) return false
    const { data } = Targets.parse(await answer.json())
    seen = Object.fromEntries(
      data.activeTargets.map(each => [each.labels.job, `${each.health} ${each.lastError}`]),
    )
    assert.doesNotMatch(seen.guesser ?? '', /^up/)
    return seen.gatehouse === 'up ' && /^down .*401 Unauthorized/.test(seen.guesser ?? '')
  }).catch(error => assert.fail(`${error}: ${JSON.stringify(seen)}`))
  await eventually(async () => {
    const answer = await fetch(`${url}/api/v1/query?query=gatehouse_ready`)
    return /"value":\[[\d.]+,"1"\]/.test(await answer.text())
  })
})
