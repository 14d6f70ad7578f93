import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { listen } from '../../lib/front/listen.ts'
import { freePort } from '../../testing/command.ts'
import { NGINX, startNginx, writeNginx } from '../nginx-process.ts'
import { recorder } from '../raw.ts'
import { GROUPS, MAX_BODY, type Row } from './rows.ts'

/**
 * `npm run abuse`: sends every row to an Nginx as the design's story has it, and prints docs/requests.md. What Gatehouse
 * does is in the rows, which abuse.test.ts holds it to.
 */
const DOC = new URL('../../docs/requests.md', import.meta.url)
/** Nothing more is waited for, in ms: here alone a time decides, since nobody knows what Nginx will do. */
const QUIET_MS = 300

const backend = recorder()
const api = http.createServer(backend.handler)
const apiPort = await listen(api, 0, '127.0.0.1')
const folder = await mkdtemp(join(tmpdir(), 'gatehouse-abuse-'))

async function openNginx() {
  const port = Number(await freePort())
  const conf = await writeNginx(
    folder,
    `client_max_body_size ${MAX_BODY};
  server {
    listen 127.0.0.1:${port};
    location / { return 200; }
    location /user/login {
      set $backend_server 127.0.0.1:${apiPort};
      proxy_pass http://$backend_server/user/login$is_args$args;
    }
  }`,
  )
  return { nginx: await startNginx(conf, port), port }
}

/** What a row gets from Nginx, in the words of the rows. */
async function ask(port: number, { send, halfClose }: Row): Promise<{ client: string; backend: string }> {
  const before = backend.seen.length
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  let received = ''
  let closed = false
  socket.on('data', chunk => {
    received += chunk.toString('latin1')
  })
  socket
    .on('error', () => {})
    .on('end', () => {
      closed = true
    })
  socket.write(send, 'latin1')
  if (halfClose) socket.end()
  await sleep(QUIET_MS)
  socket.destroy()
  const statuses = [...received.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => status)
  // HTTP/0.9 has no status
  const got = received !== '' && statuses.length === 0 ? ['a body without a head'] : statuses
  const seen = backend.seen.slice(before).map(each => each.line.replace(/ HTTP.*/, ''))
  return {
    client: [...got, ...(closed ? ['closed'] : [])].join(', ') || 'nothing',
    backend: seen.join(', ') || 'nothing',
  }
}

const { nginx, port } = await openNginx()
const parts: string[] = []
for (const { title, rows } of GROUPS) {
  parts.push(
    `## ${title}\n\n| sent | client gets | backend sees | Nginx: client | Nginx: backend |\n| --- | --- | --- | --- | --- |`,
  )
  const lines: string[] = []
  for (const row of rows) {
    const other = await ask(port, row)
    lines.push(`| ${row.what} | ${row.client} | ${row.backend} | ${other.client} | ${other.backend} |`)
  }
  parts[parts.length - 1] += `\n${lines.join('\n')}\n`
}
await nginx.stop()
api.close().closeAllConnections()
await rm(folder, { recursive: true })

const version = /nginx\/(\S+)/.exec(spawnSync(NGINX, ['-v'], { encoding: 'utf8' }).stderr)?.[1]
const doc = await readFile(DOC, 'utf8')
const [before = ''] = doc.split('<!-- rows -->')
await writeFile(
  DOC,
  `${before}<!-- rows -->\nNginx ${version}, ${new Date().toISOString().slice(0, 10)}.\n\n${parts.join('\n')}`,
)
