import { rmSync } from 'node:fs'
import { chmod, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createAuthority } from '../testing/certificates.ts'
import { type Program, type SpawnAt, start } from './programs.ts'

/** What a contender is started with: where its programs run, the backend that all share, and the pages. */
export type Setup = {
  spawnAt: SpawnAt
  backend: Backend
  /** the site's folder, built both ways; see site.ts */
  site: string
}

export type Backend = {
  /** `api.dev.jp`, as its certificate and DNS have it */
  name: string
  port: number
  /** `https://api.dev.jp:18443` */
  origin: string
  /** `127.0.0.1:5353`, the only DNS server that knows the name */
  dns: string
  addresses: readonly string[]
  /** the file of the authority of its certificate */
  ca: string
  /** where configurations may be written; anyone may read it */
  folder: string
  close(): Promise<void>
}

const NAME = 'api.dev.jp'
export const originAt = (port: number) => `https://${NAME}:${port}`
const DNS = fileURLToPath(new URL('dns.ts', import.meta.url))

/**
 * HAProxy as the API: of what is in Debian it takes the least CPU for it. It ends TLS, says 100 to `Expect`, reads the
 * body, answers always the same and keeps connections, as an ALB does.
 */
const configuration = (binds: string[], pem: string) => `
defaults
  mode http
  timeout client 60s
  timeout connect 1s
  timeout server 60s
frontend api
${binds.map(address => `  bind ${address} ssl crt ${pem}`).join('\n')}
  http-request wait-for-body time 5s
  http-request return status 200 content-type application/json string '{"name":"taro","displayName":"Taro Yamada"}'
`

/** Starts the API at these addresses and, on the front's side, a DNS server that lists them. */
export async function openBackend(
  spawnAt: SpawnAt,
  addresses: readonly string[],
  port: number,
): Promise<Backend> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  // nginx and HAProxy read it as users of their own
  await chmod(folder, 0o755)
  const programs: Program[] = []
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', removeFolder)
  async function close() {
    await Promise.all(programs.map(each => each.kill()))
    process.off('exit', removeFolder)
    removeFolder()
  }
  try {
    const authority = await createAuthority()
    const { key, cert } = await authority.issue([NAME])
    const [ca, pem, config] = ['ca.pem', 'api.pem', 'api.cfg'].map(each => join(folder, each))
    if (!ca || !pem || !config) throw new Error('unreachable')
    await writeFile(ca, authority.ca)
    await writeFile(pem, key + cert)
    const binds = addresses.map(address => `${address}:${port}`)
    await writeFile(config, configuration(binds, pem))
    programs.push(start(spawnAt, 'backend', 'haproxy', ['-db', '-f', config]))
    const dns = start(spawnAt, 'front', process.execPath, [DNS, NAME, ...addresses])
    programs.push(dns)
    const address = await dns.says('127.0.0.1:')
    return {
      name: NAME,
      port,
      origin: originAt(port),
      dns: address,
      addresses,
      ca,
      folder,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
