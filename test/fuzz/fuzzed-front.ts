import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { type Authority, createAuthority } from '../../testing/certificates.ts'
import { type DnsServer, startDns } from '../../testing/dns.ts'
import { LISTENERS, startFrontProcess } from '../../testing/front-process.ts'

/** What a fuzzer's own backend is to the fuzzed. */
type Backend = { readonly origin: string; close(): Promise<void> }

export type FuzzedFront = Awaited<ReturnType<typeof openFuzzedFront>>

const SETTLING_MS = 3000

const State = z.object({
  backend: z.object({ connections: z.record(z.string(), z.object({ busy: z.number() })) }),
})

/**
 * A front as it runs in production, a process of its own on the production build, before a backend with a DNS.
 * @param open starts the backend
 */
export async function openFuzzedFront(
  open: (dns: DnsServer, authority: Authority) => Promise<Backend>,
  env: Record<string, string> = {},
) {
  const authority = await createAuthority()
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-fuzz-'))
  const [caFile, logFile] = [join(folder, 'ca.pem'), join(folder, 'front.log')]
  await writeFile(caFile, authority.ca)
  const dns = await startDns()
  const backend = await open(dns, authority)
  const front = await startFrontProcess(
    {
      BACKEND_ORIGIN: backend.origin,
      DNS_SERVERS: dns.address,
      NODE_EXTRA_CA_CERTS: caFile,
      ...LISTENERS,
      PAGE_WORKERS: '1',
      STOP_DELAY: '0s',
      STOP_TIMEOUT: '2s',
      ...env,
    },
    logFile,
  )

  const log = async () => (await readFile(logFile, 'utf8')).trimEnd().split('\n')
  const tail = async () => (await log()).slice(-20).join('\n')

  async function busyConnections(): Promise<number> {
    const state = State.parse(await (await fetch(new URL('/state', front.adminUrl))).json())
    return Object.values(state.backend.connections).reduce((sum, each) => sum + each.busy, 0)
  }

  return {
    port: Number(new URL(front.url).port),
    front,
    /** What the front logged of the requests whose ids are in this text. */
    async logOf(text: string) {
      const ids = [...text.matchAll(/[\da-f]{8}-[\da-f-]{27}/g)].map(([id]) => id)
      return (await log()).filter(line => ids.some(id => line.includes(id)))
    },
    /** What is wrong with the front after all that it was sent; empty: nothing. */
    async wrong() {
      const wrong: string[] = []
      const { exitCode, signalCode } = front.process
      if (exitCode !== null || signalCode !== null || !isAlive(front.process.pid)) {
        return [`the process ended with ${exitCode ?? signalCode}; its log ends:\n${await tail()}`]
      }
      const health = await fetch(new URL('/healthz', front.url))
      if (health.status !== 200 || (await health.text()) !== 'ok\n') wrong.push(`/healthz: ${health.status}`)
      const bad = /uncaught|unhandled|Warning:/i
      const lines = (await log()).filter(line => bad.test(line))
      if (lines.length > 0) wrong.push(`${lines.length} such lines in its log: ${lines[0]?.slice(0, 300)}`)
      const deadline = performance.now() + SETTLING_MS
      while ((await busyConnections()) > 0 && performance.now() < deadline);
      const busy = await busyConnections()
      if (busy > 0) wrong.push(`${busy} connections to the backend are still busy with nothing`)
      return wrong
    },
    async close() {
      await front.stop()
      await backend.close()
      await dns.close()
      await rm(folder, { recursive: true })
    },
  }
}

function isAlive(pid = 0): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
