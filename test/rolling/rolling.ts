import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startAlb } from '../../demo/alb.ts'
import { createAuthority } from '../../demo/certificates.ts'
import { startDns } from '../../demo/dns.ts'
import { type FrontProcess, startFrontProcess } from '../../demo/front-process.ts'
import { failures, type Load, startLoad } from '../../demo/load.ts'

const HAPROXY = '/usr/sbin/haproxy'
const LOGINS_PER_SECOND = 200

export const whyNot = () => (existsSync(HAPROXY) ? undefined : `${HAPROXY} is not installed`)

/**
 * A rolling deployment: HAProxy as the public ALB before two fronts, which are stopped with SIGTERM and started again,
 * one after the other, under a steady load of logins.
 * @param restarts how many in all
 * @returns what became of the logins
 */
export async function rehearse(restarts: number): Promise<Load> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-rolling-'))
  const authority = await createAuthority()
  await writeFile(join(folder, 'ca.pem'), authority.ca)
  const dns = await startDns()
  const handler = (
    req: { resume(): { on(event: 'end', then: () => void): void } },
    res: { end(text: string): void },
  ) => req.resume().on('end', () => res.end('welcome'))
  const alb = await startAlb({ handler, dns, authority, count: 2 })
  const [entry = 0, stats = 0, ...ports] = await freePorts(4)

  const start = (port: number) =>
    startFrontProcess({
      BACKEND_ORIGIN: alb.origin,
      DNS_SERVERS: dns.address,
      NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
      HOST: '127.0.0.1',
      PORT: String(port),
      ADMIN_PORT: '0',
      EGRESS_PORT: '0',
      PAGE_WORKERS: '1',
      STOP_DELAY: '1s',
      STOP_TIMEOUT: '5s',
    })
  const fronts: FrontProcess[] = []
  for (const port of ports) fronts.push(await start(port))
  const haproxy = await startHaproxy(folder, entry, stats, ports)
  await allUp(stats, ports.length)
  const load = startLoad(`http://127.0.0.1:${entry}`, { name: 'taro', password: 'x' }, LOGINS_PER_SECOND)
  try {
    for (let restart = 0; restart < restarts; restart++) {
      const which = restart % fronts.length
      const front = fronts[which]
      front?.process.kill('SIGTERM')
      const code = await front?.exited
      if (code !== 0) throw new Error(`a front that was told to stop ended with ${code}`)
      fronts[which] = await start(ports[which] ?? 0)
      // as an ECS deployment waits for the target group before it stops the next task
      await allUp(stats, ports.length)
    }
  } finally {
    await load.stop()
    haproxy.kill()
    await Promise.all(fronts.map(front => front.stop()))
    await alb.close()
    await dns.close()
    await rm(folder, { recursive: true })
  }
  return load
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = net.createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  return servers.map(server => {
    const address = server.address()
    server.close()
    return typeof address === 'object' && address ? address.port : 0
  })
}

/** As an ALB does: keeps connections to targets, asks their health, and never sends a request twice. */
async function startHaproxy(
  folder: string,
  entry: number,
  stats: number,
  ports: readonly number[],
): Promise<ChildProcess> {
  const servers = ports.map(
    (port, i) => `  server front${i} 127.0.0.1:${port} check inter 200ms fall 2 rise 2`,
  )
  const config = join(folder, 'haproxy.cfg')
  await writeFile(
    config,
    `defaults
  mode http
  retries 0
  timeout connect 1s
  timeout client 60s
  timeout server 60s
  timeout check 5s
frontend stats
  bind 127.0.0.1:${stats}
  stats enable
  stats uri /
frontend public
  bind 127.0.0.1:${entry}
  default_backend fronts
backend fronts
  balance roundrobin
  http-reuse always
  option httpchk GET /readyz
  http-check expect status 200
${servers.join('\n')}
`,
  )
  const haproxy = spawn(HAPROXY, ['-f', config, '-db'], { stdio: 'ignore' })
  process.once('exit', () => haproxy.kill())
  for (;;) {
    const socket = net.connect(entry, '127.0.0.1')
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (open) return haproxy
    await sleep(20)
  }
}

/** Resolves when HAProxy's own checks have found every front ready. */
async function allUp(stats: number, count: number) {
  for (;;) {
    const lines = (await (await fetch(`http://127.0.0.1:${stats}/;csv`)).text()).split('\n')
    // a check in progress that has not passed yet says `UP 1/2` or `DOWN 1/2`
    const up = lines.filter(line => /^fronts,front\d,/.test(line) && line.split(',')[17] === 'UP')
    if (up.length === count) return
    await sleep(50)
  }
}

if (import.meta.main) {
  const load = await rehearse(Number(process.argv[2] ?? 20))
  process.stdout.write(
    `${load.ok} ok, ${failures(load)} failed, the longest took ${load.longestMs.toFixed(0)} ms\n`,
  )
  process.exitCode = failures(load) === 0 ? 0 : 1
}
