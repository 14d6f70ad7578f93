import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { z } from 'zod'
import { startPrometheus, withoutPrometheus } from '../../test/prometheus.ts'
import { eventually } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

const TOKEN = 'himitsu-himitsu-himitsu-himitsu-'

const Targets = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({ labels: z.object({ job: z.string() }), health: z.string(), lastError: z.string() }),
    ),
  }),
})

/** The README's file, for this front: with another target, and asking every second. */
async function configFor(adminPort: number) {
  const readme = await readFile(new URL('README.md', import.meta.url), 'utf8')
  const [, config = ''] = /^```yaml\n(scrape_configs:\n[\s\S]*?)^```/m.exec(readme) ?? []
  const fill = (token: string) =>
    config
      .replace('/etc/prometheus/gatehouse-token', token)
      .replace('10.0.3.17:4001', `127.0.0.1:${adminPort}`)
      .replace('scrape_interval: 15s', 'scrape_interval: 1s')
  const [, job = ''] = /^scrape_configs:\n([\s\S]*)$/.exec(fill('wrong')) ?? []
  return `${fill('right')}${job.replace('job_name: gatehouse', 'job_name: guesser').replace('1s', '2s')}`
}

test('Prometheus scrapes the admin listener with the token as the README says, and with another one not', {
  skip: withoutPrometheus,
}, async t => {
  const { adminPort } = await stage(t, { env: { ADMIN_TOKEN: TOKEN } })
  const files = {
    right: `${TOKEN}\n`,
    wrong: TOKEN.toUpperCase(),
    'prometheus.yml': await configFor(adminPort),
  }
  const url = await startPrometheus(t, files)
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
