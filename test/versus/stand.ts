import { rmSync } from 'node:fs'
import { chmod, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Setup } from '../../bench/backend.ts'
import { here } from '../../bench/programs.ts'
import { type Alb, startAlb } from '../../testing/alb.ts'
import { createAuthority } from '../../testing/certificates.ts'
import { type DnsServer, startDns } from '../../testing/dns.ts'
import { createNodeEnds } from '../faults/node-ends.ts'
import { createWitness, type Witness } from '../faults/witness.ts'

/** The API behind its ALB and DNS, for one contender in one row. */
export type Stand = {
  readonly alb: Alb
  readonly dns: DnsServer
  readonly witness: Witness
  /** addresses that belong to somebody else, and since when; ms, monotonic */
  readonly strangers: Map<string, number>
  /** of the load */
  readonly seconds: number
  /** what a contender is started with */
  readonly setup: Setup
  /** The node dies at once, with all its connections. DNS stays as it is. */
  readonly kill: (address: string) => Promise<void>
  /** The node is gone without a word: packets to it are lost, on its open connections too. DNS stays as it is. */
  readonly vanish: (address: string) => Promise<void>
  /** ms; false when the load ended before */
  readonly pause: (ms: number) => Promise<boolean>
  /** ends every pause */
  end(): void
  close(): Promise<void>
}

/** In seconds, an ALB's. */
const TTL = 60
const authority = createAuthority()

/** @param options `port`: of the API, since Next's build has it; `site`: the folder that contenders in Node run in */
export async function openStand(options: {
  port: number
  site: string
  nodes: number
  seconds: number
}): Promise<Stand> {
  const { port, site, nodes: count, seconds } = options
  const { ca, issue } = await authority
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-versus-'))
  // nginx reads it as a user of its own
  await chmod(folder, 0o755)
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', removeFolder)
  const caFile = join(folder, 'ca.pem')
  await writeFile(caFile, ca)
  const dns = await startDns()
  const witness = createWitness()
  const certificates = { ca, issue }
  const alb = await startAlb({
    dns,
    authority: certificates,
    count,
    port,
    ttl: TTL,
    handler: witness.handler,
  })
  const over = new AbortController()

  async function close() {
    over.abort()
    await alb.close()
    await dns.close()
    process.off('exit', removeFolder)
    removeFolder()
  }
  return {
    alb,
    dns,
    witness,
    strangers: new Map(),
    seconds,
    setup: {
      site,
      spawnAt: here,
      backend: {
        name: alb.name,
        port: alb.port,
        origin: alb.origin,
        dns: dns.address,
        addresses: alb.listed,
        ca: caFile,
        folder,
        close,
      },
    },
    ...createNodeEnds(alb, witness),
    pause: ms => sleep(ms, true, { signal: over.signal }).catch(() => false),
    end: () => over.abort(),
    close,
  }
}
