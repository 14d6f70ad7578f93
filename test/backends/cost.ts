import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cpuMicros } from '../../bench/usage.ts'
import { listen } from '../../lib/front/listen.ts'
import { createAuthority } from '../../testing/certificates.ts'
import { startDns } from '../../testing/dns.ts'
import { LISTENERS, startFrontProcess } from '../../testing/front-process.ts'
import { markdownTable } from '../markdown.ts'

/** Answers a login in a way, and says whether the probe passes. */
type Kind = {
  readonly name: string
  readonly replay: 'on' | 'off'
  readonly says100: boolean
  /** 401 in place of 100, as a filter does */
  readonly refuses?: true
}

const ASKED = 'asked first (an ALB, Node, nginx, Tomcat)'
const REFUSED = 'refused with 401 in place of 100 (a filter before the API)'
const KINDS: readonly Kind[] = [
  { name: 'REPLAY=off', replay: 'off', says100: true },
  { name: ASKED, replay: 'on', says100: true },
  { name: REFUSED, replay: 'on', says100: true, refuses: true },
  { name: 'over unused connections (Go, uvicorn, Jetty, uWSGI)', replay: 'on', says100: false },
]
const CLIENTS = 8
const WARM_UP = 600
const LOGINS = 2400
const BODY = '{"name":"taro","password":"himitsu-no-tobira"}'
/** A refusal may cost so many times what an asked login costs. */
const MOST_OF_A_REFUSAL = 1.5

/** What a login costs the front, over TLS, by what its backend does with `Expect`. */
export async function measureCost(): Promise<{ table: string; broken: string[] }> {
  const micros = new Map<string, number>()
  const rows: string[][] = []
  for (const kind of KINDS) {
    const { cpu, handshakes } = await costOf(kind)
    micros.set(kind.name, cpu)
    rows.push([kind.name, cpu.toFixed(0), handshakes.toFixed(2)])
  }
  const times = (micros.get(REFUSED) ?? 0) / (micros.get(ASKED) ?? 0)
  const table = markdownTable(['a login', 'CPU of the front, µs', 'TLS handshakes'], rows)
  const broken =
    times > MOST_OF_A_REFUSAL
      ? [`a login that is refused in place of 100 costs ${times.toFixed(1)} × one that is asked`]
      : []
  return { table, broken }
}

async function costOf(kind: Kind): Promise<{ cpu: number; handshakes: number }> {
  const { ca, issue } = await createAuthority()
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-cost-'))
  const caFile = join(folder, 'ca.pem')
  await writeFile(caFile, ca)
  const dns = await startDns()
  dns.list('api.dev.jp', ['127.0.0.1'], 60)
  const server = https
    .createServer(await issue(['api.dev.jp']), handlerOf(kind))
    .on('checkContinue', handlerOf(kind))
  const port = await listen(server, 0, '127.0.0.1')
  const front = await startFrontProcess({
    BACKEND_ORIGIN: `https://api.dev.jp:${port}`,
    DNS_SERVERS: dns.address,
    NODE_EXTRA_CA_CERTS: caFile,
    REPLAY: kind.replay,
    PAGE_WORKERS: '0',
    // pages are not asked for
    NODE_OPTIONS: `--import=${new URL('../faults/without-next.ts', import.meta.url).pathname}`,
    STOP_DELAY: '0s',
    ...LISTENERS,
  })
  const agent = new http.Agent({ keepAlive: true, maxSockets: CLIENTS })
  try {
    const pid = front.process.pid ?? 0
    await send(`${front.url}/user/login`, agent, WARM_UP)
    let handshakes = 0
    server.on('secureConnection', () => handshakes++)
    const before = cpuMicros([pid])
    await send(`${front.url}/user/login`, agent, LOGINS)
    return { cpu: (cpuMicros([pid]) - before) / LOGINS, handshakes: handshakes / LOGINS }
  } finally {
    agent.destroy()
    await front.stop()
    server.closeAllConnections()
    server.close()
    await dns.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const handlerOf =
  ({ says100, refuses }: Kind): http.RequestListener =>
  (req, res) => {
    const isProbe = req.url?.includes('-gatehouse-probe-')
    if (isProbe && !says100) return void res.writeHead(404, { Connection: 'close' }).end()
    if (refuses && !isProbe) {
      res.writeHead(401, { Connection: 'keep-alive', 'Content-Length': 2 }).end('no')
      return void req.resume()
    }
    if (req.headers.expect !== undefined) res.writeContinue()
    req.resume().once('end', () => res.end('ok'))
  }

/** So many logins by as many clients at once, and each has to be answered. */
async function send(url: string, agent: http.Agent, count: number) {
  let left = count
  const client = async () => {
    while (left-- > 0) await logIn(url, agent)
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
}

function logIn(url: string, agent: http.Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    http
      .request(url, { method: 'POST', agent }, answer => {
        if ((answer.statusCode ?? 500) >= 500) reject(new Error(`a login was answered ${answer.statusCode}`))
        answer.resume().once('end', resolve)
      })
      .once('error', reject)
      .end(BODY)
  })
}
