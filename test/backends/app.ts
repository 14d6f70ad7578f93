import { appendFileSync } from 'node:fs'
import http from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

/** The API of `npm run backends` by Node. Each execution is a line of COUNTS: the request's X-Id. */
const { COUNTS = '', HOST, PORT } = process.env

http
  .createServer(async (req, res) => {
    const [, action = ''] = /^\/(read|slow|drop)(?:\/|$)/.exec(req.url ?? '') ?? []
    if (action === '') return void res.writeHead(404).end()
    if (req.method === 'GET') return void res.end()
    if (action === 'read') await text(req)
    appendFileSync(COUNTS, `${String(req.headers['x-id'])}\n`)
    if (action === 'slow') await sleep(1200)
    if (action === 'drop') return void req.socket.destroy()
    res.end('ok')
  })
  .listen(Number(PORT), HOST)
