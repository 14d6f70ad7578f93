import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { createClient } from '@redis/client'
import { freePort } from '../testing/command.ts'
import { type Stage, stage } from './stage.ts'

/** Debian's packages valkey-server (from 13 on) and redis-server. */
const PROGRAM = ['valkey-server', 'redis-server'].find(each => spawnSync(each, ['--version']).status === 0)

/** Why a test with a real server cannot run here; false where it can. */
const withoutServer = PROGRAM
  ? false
  : 'neither valkey-server nor redis-server is installed (apt-get install valkey-server, or redis-server)'

type Open = (options: Parameters<typeof stage>[1]) => Promise<Stage>

/**
 * A test with a real server. To a front a store that takes more than 100 ms is away, as it should be; where the machine
 * is so busy that this happened more often than the test wants it, the test is run again.
 */
export function testWithStore(
  words: string,
  outages: number,
  run: (t: TestContext, open: Open) => Promise<void>,
) {
  test(words, { skip: withoutServer }, async t => {
    for (let tries = 1; ; tries++) {
      const fronts: Stage[] = []
      const open: Open = async options => {
        const front = await stage(t, options)
        fronts.push(front)
        return front
      }
      try {
        return await run(t, open)
      } catch (error) {
        const disturbed = fronts.some(({ limit }) => (limit?.store?.outages ?? 0) > outages)
        if (!disturbed || tries === 3) throw error
      }
    }
  })
}

type Certificate = { key: string; cert: string }

/**
 * A real server on loopback, without persistence; it ends with the test.
 * @param certificate with one, it speaks TLS only
 * @param options more of its options
 */
export async function startStore(
  t: Pick<TestContext, 'after'>,
  certificate?: Certificate,
  options: readonly string[] = [],
) {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-store-'))
  // the server takes 0 for no port at all
  const port = Number(await freePort())
  const url = `${certificate ? 'rediss' : 'redis'}://127.0.0.1:${port}/0`
  const secure = certificate ? await tlsOptions(folder, port, certificate) : ['--port', `${port}`]
  let server: ChildProcess | undefined

  async function start() {
    const quiet = ['--save', '', '--appendonly', 'no', '--dir', folder, '--bind', '127.0.0.1']
    server = spawn(PROGRAM ?? '', [...quiet, ...secure, ...options], { stdio: ['ignore', 'pipe', 'ignore'] })
    const lines = createInterface({ input: server.stdout ?? process.stdin })
    for await (const line of lines) if (line.includes('Ready to accept connections')) return
    throw new Error(`${PROGRAM} did not start`)
  }

  async function kill() {
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    server.kill('SIGKILL')
    await once(server, 'exit')
  }

  const open = () => createClient({ url, RESP: 2 })
  async function withClient<T>(use: (client: ReturnType<typeof open>) => Promise<T>): Promise<T> {
    const client = open()
    client.on('error', () => {})
    await client.connect()
    return use(client).finally(() => client.destroy())
  }

  t.after(async () => {
    await kill()
    await rm(folder, { recursive: true, force: true })
  })
  await start()
  return {
    port,
    url,
    /** Starts it again on the same port, empty. */
    start,
    kill,
    /** It goes on taking connections, and answers nothing. */
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    /** What is in it: counts by key, what a limit's connection is tried out with left out. */
    counts: () =>
      withClient(async client => {
        const counts: Record<string, number> = {}
        for (const key of await client.keys('*')) {
          if (!key.endsWith(':probe')) counts[key] = Number(await client.get(key))
        }
        return counts
      }),
    /** A command. */
    ask: (...words: string[]): Promise<unknown> => withClient(client => client.sendCommand(words)),
  }
}

async function tlsOptions(folder: string, port: number, { key, cert }: Certificate): Promise<string[]> {
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  await writeFile(keyFile, key)
  await writeFile(certFile, cert)
  const files = ['--tls-key-file', keyFile, '--tls-cert-file', certFile, '--tls-auth-clients', 'no']
  return ['--port', '0', '--tls-port', `${port}`, ...files]
}
