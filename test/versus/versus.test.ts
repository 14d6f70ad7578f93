import assert from 'node:assert/strict'
import http from 'node:http'
import https from 'node:https'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Contender } from '../../bench/contenders/contender.ts'
import { gatehouse } from '../../bench/contenders/gatehouse.ts'
import { plain } from '../../bench/contenders/plain.ts'
import { listen } from '../../lib/front/listen.ts'
import { freePort } from '../../testing/command.ts'
import { measure } from './cell.ts'
import { ROWS } from './rows.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const WITHOUT_NEXT = fileURLToPath(new URL('../faults/without-next.ts', import.meta.url))
const SECONDS = 2

async function run(contender: Contender, key: string) {
  const row = ROWS.find(each => each.key === key)
  assert.ok(row)
  return measure(contender, row, { port: Number(await freePort()), site: ROOT, seconds: SECONDS })
}

/** What nobody should put in front of an API: each login goes to the API's first addresses, twice, whoever is there. */
const careless: Contender = {
  name: 'careless',
  async start({ backend, spawnAt }) {
    const [host] = backend.addresses
    const { port } = backend
    const send = (
      headers: http.IncomingHttpHeaders,
      body: Buffer,
      done: (status: number, body: string) => void,
    ) =>
      https
        .request({
          host,
          port,
          path: '/user/login',
          method: 'POST',
          headers,
          rejectUnauthorized: false,
          agent: false,
        })
        .on('response', answer => {
          let text = ''
          answer.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk
          })
          answer.once('close', () => done(answer.statusCode ?? 0, text))
        })
        .once('error', () => done(502, ''))
        .end(body)
    const server = http.createServer((req, res) => {
      const chunks: Buffer[] = []
      req
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .once('end', () => {
          const body = Buffer.concat(chunks)
          send(req.headers, body, () =>
            send(req.headers, body, (status, text) => res.writeHead(status).end(text)),
          )
        })
    })
    return {
      url: `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`,
      pids: [],
      spawnAt,
      async stop() {
        server.close()
        server.closeAllConnections()
      },
    }
  },
}

describe('what is counted', { concurrency: true }, () => {
  test('a proxy that sends each login twice, and to whoever has the address, is found out', async () => {
    const { sent, twice, strangers, failed } = await run(careless, 'stranger')
    assert.ok(sent > 0, `${sent} sent`)
    assert.ok(twice > 0, `${twice} of ${sent} twice`)
    assert.ok(strangers > 0 && strangers < sent, `${strangers} of ${sent} to strangers`)
    assert.ok(failed < sent, `${failed} of ${sent} failed`)
  })

  test('while all nodes are replaced Gatehouse loses fewer logins than the plain recipe, and repeats none', async () => {
    const env = { PAGE_WORKERS: '0', NODE_OPTIONS: `--import=${WITHOUT_NEXT}` }
    const ours = await run(gatehouse('Gatehouse', env), 'refuse')
    const theirs = await run(plain, 'refuse')
    assert.ok(ours.failed < theirs.failed, `${JSON.stringify(ours)}\n${JSON.stringify(theirs)}`)
    assert.deepEqual([ours.twice, ours.strangers], [0, 0])
    assert.ok(theirs.failed < theirs.sent, 'before the fault the plain recipe works')
  })
})
