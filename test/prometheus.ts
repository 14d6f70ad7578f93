import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { startChild } from '../testing/child.ts'

const PROMETHEUS = '/usr/bin/prometheus'

/** Why a test with a real Prometheus cannot run here; false where it can. */
export const withoutPrometheus = existsSync(PROMETHEUS)
  ? false
  : `${PROMETHEUS} is not installed (apt-get install prometheus)`

/**
 * Starts Prometheus for as long as a test runs, in a folder with these files; prometheus.yml is its configuration.
 * @returns where it listens
 */
export async function startPrometheus(
  t: Pick<TestContext, 'after'>,
  files: Readonly<Record<string, string>>,
  ...flags: string[]
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-prometheus-'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const of = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
  ]
  const listening = Promise.withResolvers<string>()
  const prometheus = startChild([PROMETHEUS, ...of, '--web.listen-address=127.0.0.1:0', ...flags], {
    name: 'Prometheus',
    onLine(line) {
      const [, address] = /msg="Listening on" address=(\S+)/.exec(line) ?? []
      if (address) listening.resolve(`http://${address}`)
    },
  })
  t.after(async () => {
    prometheus.process.kill('SIGKILL')
    await prometheus.exited
    await rm(folder, { recursive: true })
  })
  return Promise.race([listening.promise, prometheus.failed])
}
