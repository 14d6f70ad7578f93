import { parseArgs } from 'node:util'
import { freePort } from '../testing/command.ts'
import { openBackend } from './backend.ts'
import { startNode } from './contenders/contender.ts'
import { LISTENERS } from './contenders/gatehouse.ts'
import { quantile } from './figures.ts'
import { LOGIN, saturate } from './load.ts'
import { here, start } from './programs.ts'
import { cpuMicros } from './usage.ts'

/**
 * `npm run trace-cost`: what a login costs a front with traces off, for a tenth and on, in turns, under as many logins as it
 * can take. `--beside DIR` also measures another working copy, with traces off: the code before a change.
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, beside: { type: 'string' } },
})
const CLIENTS = 16
const SECONDS = 4

/** Takes everything and looks at nothing, in a process of its own. */
const COLLECTOR = `require('node:http').createServer((q, s) => q.resume().on('end', () => s.end('{}')))
  .listen(0, '127.0.0.1', function () { console.log('port ' + this.address().port) })`

const on = (endpoint: string, ratio: string) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_TRACES_SAMPLER: 'traceidratio',
  OTEL_TRACES_SAMPLER_ARG: ratio,
})

const backend = await openBackend(here, ['127.0.0.2'], Number(await freePort()))
const collector = start(here, 'backend', process.execPath, ['-e', COLLECTOR], { patienceMs: 3_600_000 })
try {
  const endpoint = `http://127.0.0.1:${(await collector.says('port ')).split(' ')[1]}`
  const ways: [name: string, env: Record<string, string>, cwd: string][] = [
    ...(values.beside ? ([['beside, off', {}, values.beside]] satisfies [string, object, string][]) : []),
    ['off', {}, '.'],
    ['a tenth', on(endpoint, '0.1'), '.'],
    ['on', on(endpoint, '1'), '.'],
  ]
  const micros = new Map<string, number[]>()
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const [name, env, cwd] of ways) {
      const cost = await measure(env, cwd)
      micros.set(name, [...(micros.get(name) ?? []), cost])
    }
  }
  for (const [name, costs] of micros) {
    process.stdout.write(
      `${name}: ${quantile(costs, 0.5).toFixed(0)} µs (${costs.map(each => each.toFixed(0)).join(', ')})\n`,
    )
  }
} finally {
  await collector.kill()
  await backend.close()
}

/** CPU time that the front takes for a login, in µs. */
async function measure(env: Record<string, string>, cwd: string): Promise<number> {
  const port = await freePort()
  const setup = { spawnAt: here, backend, site: cwd }
  const front = startNode(setup, port, ['server.ts'], { ...LISTENERS, PAGE_WORKERS: '0', ...env })
  try {
    await front.says('"msg":"ready"')
    const login = { url: `http://127.0.0.1:${port}/user/login`, body: LOGIN }
    await saturate(here, login, CLIENTS, 2)
    const before = cpuMicros([front.pid])
    const { ok, failed } = await saturate(here, login, CLIENTS, SECONDS)
    if (failed > 0) throw new Error(`${failed} logins failed`)
    return (cpuMicros([front.pid]) - before) / ok
  } finally {
    await front.kill()
  }
}
