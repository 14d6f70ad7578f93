import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
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
  for await (const line of createInterface(program.stderr)) {
    said.push(line)
    const [, port] = /msg="Listening on" address=127\.0\.0\.1:(\d+)/.exec(line) ?? []
    if (!port) continue
    program.stderr.resume()
    return `http://127.0.0.1:${port}`
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
    const answer = await fetch(`${url}/api/v1/targets`)
    const { data } = Targets.parse(await answer.json())
    seen = Object.fromEntries(
      data.activeTargets.map(each => [each.labels.job, `${each.health} ${each.lastError}`]),
    )
    return Object.keys(seen).length === 2 && !Object.values(seen).some(each => /^unknown/.test(each))
  })
  assert.equal(seen.gatehouse, 'up ')
  assert.match(seen.guesser ?? '', /^down .*401 Unauthorized/)
  await eventually(async () => {
    const answer = await fetch(`${url}/api/v1/query?query=gatehouse_ready`)
    return /"value":\[[\d.]+,"1"\]/.test(await answer.text())
  })
})
