import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isTakenOver, type Reading, readNginx } from '../../command/nginx/from-nginx.ts'
import { loadConfigFile } from '../../lib/settings/config-file.ts'
import { readConfig } from '../../lib/settings/settings.ts'
import { freePort } from '../../testing/command.ts'
import { LISTENERS } from '../../testing/front-process.ts'
import { authority } from '../backend.ts'
import { startFront } from '../front.ts'
import { startNginx, writeNginx } from '../nginx-process.ts'
import { ask } from './ask.ts'
import type { Backends } from './backends.ts'
import { differences } from './compare.ts'
import type { Configuration } from './configurations/configuration.ts'
import { reasonFor } from './known.ts'
import { OF_PAGES, ofApi, type Request } from './requests.ts'

export type Result = {
  readonly asked: number
  /** a line each; none of them is in the documented list */
  readonly unknown: readonly string[]
  /** how many differences there are of each documented kind */
  readonly known: ReadonlyMap<string, number>
}

/** Nginx with a configuration, and the front with what from-nginx makes of it; both end with `use`. */
export async function withBoth<T>(
  {
    conf,
    pages,
    publicOrigins,
    secrets = {},
  }: Pick<Configuration, 'conf' | 'pages' | 'publicOrigins' | 'secrets'>,
  backends: Backends,
  use: (ports: { nginx: number; front: number }, reading: Reading) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-as-nginx-'))
  const before = { ...process.env }
  try {
    const nginxPort = Number(await freePort())
    const text = conf(backends)
      .replaceAll('PORT', `127.0.0.1:${nginxPort}`)
      .replaceAll('CACHE', join(folder, 'cache'))
    const file = await writeNginx(folder, text)
    await writeFile(join(folder, 'htpasswd'), '')
    await writeFile(join(folder, 'ca.pem'), authority.ca)
    const reading = readNginx(file, { pages: pages?.(backends), publicOrigins })
    if (reading.config !== undefined) await writeFile(join(folder, 'gatehouse.config.ts'), reading.config)
    const nginx = await startNginx(file, nginxPort)
    Object.assign(process.env, secrets)
    const front = await open(folder, reading.env, backends).catch(async error => {
      await nginx.stop()
      throw error
    })
    try {
      return await use({ nginx: nginxPort, front: front.ports.port }, reading)
    } finally {
      await Promise.all([nginx.stop(), front.stop()])
    }
  } finally {
    for (const name of Object.keys(secrets)) if (before[name] === undefined) delete process.env[name]
    await rm(folder, { recursive: true })
  }
}

/** A front with what from-nginx has written: loaded as `npm start` does. */
async function open(folder: string, env: Reading['env'], { handlePage }: Backends) {
  const file = await loadConfigFile(folder)
  const config = readConfig({ ...env, ...LISTENERS }, file)
  return startFront({ config, pages: { handle: async (req, res) => handlePage(req, res) } })
}

/** Of the second API of a configuration, and those behind it, the short form asks so much. */
const SHORT = 8

/** Asks both the same, one request after the other. */
export const compareOne = (
  configuration: Configuration,
  backends: Backends,
  isShort = false,
): Promise<Result> =>
  withBoth(configuration, backends, async ({ nginx, front }, reading) => {
    const { apis, more = [], secrets, isCatchAll } = configuration
    const unknown: string[] = []
    const known = new Map<string, number>()
    const wanted = reading.missing.filter(each => !/^[A-Z_]+ has to be set/.test(each))
    if (!isTakenOver({ ...reading, missing: secrets ? wanted : reading.missing }))
      unknown.push(`exit code 1: ${lost(reading).join('; ')}`)
    const requests: Request[] = [
      ...apis.flatMap((path, i) => ofApi(path).slice(0, isShort && i > 0 ? SHORT : undefined)),
      ...more,
      ...(isCatchAll ? [] : OF_PAGES),
    ]
    for (const request of requests) {
      const target = request.target.replace('API_ORIGIN', `http://${backends.api}`)
      const each = { ...request, target }
      const [there, here] = await Promise.all([ask(nginx, each), ask(front, each)])
      const title = `${each.socket ? 'WebSocket' : each.method} ${each.target}`
      for (const line of differences(there, here)) {
        const reason = reasonFor(each, line)
        if (reason === undefined) unknown.push(`${title}: ${line}`)
        else known.set(reason, (known.get(reason) ?? 0) + 1)
      }
    }
    return { asked: requests.length, unknown, known }
  })

const lost = ({ findings, missing }: Reading) => [
  ...missing,
  ...findings
    .filter(({ kind }) => kind === 'lost' || kind === 'guarded')
    .map(({ what, remark }) => `${what}: ${remark}`),
]
