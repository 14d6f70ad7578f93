import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { freePort } from '../testing/command.ts'
import { openBackend } from './backend.ts'
import { startNode } from './contenders/contender.ts'
import { LISTENERS } from './contenders/gatehouse.ts'
import { LOGIN, saturate } from './load.ts'
import { here } from './programs.ts'
import { idleSockets } from './tunnels.ts'

/**
 * `npm run profile`: where the CPU time of a login goes, of one front under as many logins as it can take; then the memory of an idle
 * WebSocket.
 */
const CLIENTS = 16
const SECONDS = 6

const Profile = z.object({
  nodes: z.array(
    z.object({ id: z.number(), callFrame: z.object({ functionName: z.string(), url: z.string() }) }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
})

/** The parts of the code in the table, in its order; the first that fits counts. */
const PARTS: [part: string, fits: (name: string, url: string) => boolean][] = [
  ['waiting', name => name === '(idle)'],
  ['writing to sockets, TLS and the kernel', (name, url) => url === '' && /^write|^shutdown/.test(name)],
  ['garbage collection', name => name === '(garbage collector)'],
  ['pino, prom-client', (_, url) => /node_modules\/(pino|prom-client|sonic-boom)\//.test(url)],
  ['lib/front, lib/http, lib/routes', (_, url) => /\/lib\/(front|http|routes)\//.test(url)],
  ['lib/login, lib/proxy', (_, url) => /\/lib\/(login|proxy)\//.test(url)],
  ['lib/backend', (_, url) => /\/lib\/backend\//.test(url)],
  ['lib/observe, lib/log', (_, url) => /\/lib\/(observe\/|log\.)/.test(url)],
  ['Node: http client, agent and server', (_, url) => /^node:_?http/.test(url)],
  ['Node: streams, events, timers, net, tls', (_, url) => url.startsWith('node:')],
  ['all else: the parser, the event loop, V8', () => true],
]

const folder = await mkdtemp(join(tmpdir(), 'gatehouse-profile-'))
const backend = await openBackend(here, ['127.0.0.2'], Number(await freePort()))
try {
  const port = await freePort()
  const args = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-name=login', 'server.ts']
  const setup = { spawnAt: here, backend, site: '.' }
  const front = startNode(setup, port, args, { ...LISTENERS, PAGE_WORKERS: '0', STOP_DELAY: '0s' })
  await front.says('"msg":"ready"')
  const { ok, failed } = await saturate(
    here,
    { url: `http://127.0.0.1:${port}/user/login`, body: LOGIN },
    CLIENTS,
    SECONDS,
  )
  process.kill(front.pid, 'SIGTERM')
  await front.result()
  const profile = Profile.parse(JSON.parse(await readFile(join(folder, 'login'), 'utf8')))
  process.stdout.write(`${table(profile)}\n\n${ok} logins, ${failed} failed\n`)
} finally {
  await backend.close()
  await rm(folder, { recursive: true })
}
process.stdout.write(`\n${await idleSockets()}\n`)

function table({ nodes, samples, timeDeltas }: z.infer<typeof Profile>): string {
  const partOf = new Map(
    nodes.map(({ id, callFrame: { functionName, url } }) => [
      id,
      PARTS.find(([, fits]) => fits(functionName, url))?.[0] ?? '',
    ]),
  )
  const micros = new Map<string, number>()
  for (const [i, id] of samples.entries()) {
    const part = partOf.get(id) ?? ''
    micros.set(part, (micros.get(part) ?? 0) + (timeDeltas[i] ?? 0))
  }
  micros.delete('waiting')
  const total = [...micros.values()].reduce((sum, each) => sum + each, 0)
  const rows = PARTS.filter(([part]) => micros.has(part)).map(
    ([part]) => `| ${part} | ${(((micros.get(part) ?? 0) / total) * 100).toFixed(0)} % |`,
  )
  return ['| where | share of the CPU time |', '| --- | ---: |', ...rows].join('\n')
}
