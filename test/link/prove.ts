import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Program, type Side, type SpawnAt, start } from '../../bench/programs.ts'
import { createAuthority } from '../../testing/certificates.ts'
import { LISTENERS } from '../../testing/front-process.ts'
import type { BackendCounts, BackendSettings } from './backend.ts'
import type { ClientCounts } from './client.ts'
import type { Link } from './link.ts'

export type ProofOptions = {
  /** the program between client and backend: server.ts, or another that says {"msg":"ready","port":…} */
  front: string
  logins: number
  perSecond: number
  close: BackendSettings['CLOSE']
  /** of something that is no login, in place of one; 0: none */
  bodyBytes?: number
  /** `false`: the backend speaks plain HTTP */
  secure?: boolean
  /** parts of the responses and of the logins, see BackendSettings */
  closeShare?: number
  crashShare?: number
}

/** What became of the logins of one run over a link. */
export type Proof = {
  sent: number
  ok: number
  /** how many failed, by what the client saw */
  failed: Record<string, number>
  /** of the failed: never executed, so that sending them again would have been right */
  failedUnexecuted: number
  /** logins that the backend executed more than once */
  executedTwice: number
  /** idle connections that the backend closed, those that a login was on its way to at least, closed after executing */
  closed: number
  crossed: number
  crashed: number
  /** what a TCP connection takes over the link, and a login that was answered with 200; milliseconds */
  connectMs: ClientCounts['connectMs']
  loginMs: ClientCounts['loginMs']
}

/** What a program may take beside its logins. */
const PATIENCE_MS = 60_000

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url))

/**
 * One run: backend, front and client start on the link's hosts, the logins are sent, and all three end.
 * @throws when one of them ends before it should, with the end of its output
 */
export async function prove(
  link: Pick<Link, 'spawnAt' | 'backendHost'>,
  options: ProofOptions,
): Promise<Proof> {
  const { secure = true, closeShare = 0.1, crashShare = 0 } = options
  const authority = await createAuthority()
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-link-'))
  const programs: Program[] = []
  const patienceMs = PATIENCE_MS + (10_000 * options.logins) / options.perSecond
  const spawnAt: SpawnAt = (side, ...command) =>
    link.spawnAt(side === 'backend' ? 'backend' : 'front', ...command)

  function begin(side: Side, file: string, env: Readonly<Record<string, string>>): Program {
    const program = start(spawnAt, side, process.execPath, [file], { env, patienceMs })
    programs.push(program)
    return program
  }

  try {
    const ca = join(folder, 'ca.pem')
    await writeFile(ca, authority.ca)
    const { key, cert } = await authority.issue([link.backendHost])
    const settings: BackendSettings = {
      HOST: link.backendHost,
      CLOSE: options.close,
      CLOSE_SHARE: `${closeShare}`,
      CRASH_SHARE: `${crashShare}`,
      ...(secure && { KEY: key, CERT: cert }),
    }
    const backend = begin('backend', pathOf('backend.ts'), settings)
    const [, backendPort] = (await backend.says('port ')).split(' ')
    const address = `${link.backendHost}:${backendPort}`
    const front = begin('front', options.front, {
      BACKEND_ORIGIN: `${secure ? 'https' : 'http'}://${address}`,
      NODE_EXTRA_CA_CERTS: ca,
      ...LISTENERS,
      PAGE_WORKERS: '0',
    })
    const { port }: { port: number } = JSON.parse(await front.says('"msg":"ready"'))
    const client = begin('client', pathOf('client.ts'), {
      TARGET: `http://127.0.0.1:${port}`,
      CONNECT: address,
      LOGINS: `${options.logins}`,
      PER_SECOND: `${options.perSecond}`,
      ...(options.bodyBytes !== undefined && { BODY_BYTES: `${options.bodyBytes}` }),
    })
    const load = await client.result()
    process.kill(backend.pid, 'SIGTERM')
    return judge(figuresIn(load), figuresIn(await backend.result()))
  } finally {
    await Promise.all(programs.map(program => program.kill()))
    await rm(folder, { recursive: true, force: true })
  }
}

function judge(client: ClientCounts, backend: BackendCounts): Proof {
  const { sent, ok, connectMs, loginMs } = client
  const { executions, closed, crossed, crashed } = backend
  const failed = Object.fromEntries(Object.entries(client.failed).map(([what, ids]) => [what, ids.length]))
  const isUnexecuted = (id: string) => executions[id] === undefined
  const failedUnexecuted = Object.values(client.failed).flat().filter(isUnexecuted).length
  const executedTwice = Object.values(executions).filter(times => times > 1).length
  return { sent, ok, failed, failedUnexecuted, executedTwice, closed, crossed, crashed, connectMs, loginMs }
}

const figuresIn = (output: string) => JSON.parse(output.split('\n').find(line => line.startsWith('{')) ?? '')
