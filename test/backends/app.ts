import { appendFileSync } from 'node:fs'
import http from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

/** The API of `npm run backends` by Node. Each execution is a line of COUNTS: the request's X-Id. */
const { COUNTS = '', SLOW_MS, HOST, PORT } = process.env

http
  .createServer(async (req, res) => {
    const [, action = '', below] = /^\/(read|slow|drop|mixed)(?:(\/)|$)/.exec(req.url ?? '') ?? []
    const refuses = action === 'mixed' && below !== undefined
    // half a body is no login: its sender has given up
    if (
      (action === 'read' || req.url?.startsWith('/mixed-') || (action === 'mixed' && !refuses)) &&
      !(await isWhole(req))
    )
      return
    if (action === '') return void res.writeHead(404).end()
    if (req.method === 'GET') return void res.end()
    appendFileSync(COUNTS, `${String(req.headers['x-id'])}\n`)
    if (action === 'slow') await sleep(Number(SLOW_MS))
    if (action === 'drop' || req.url === '/mixed/drop') return void req.socket.destroy()
    res.writeHead(refuses ? 403 : 200).end('ok')
  })
  .listen(Number(PORT), HOST)

const isWhole = (req: http.IncomingMessage) =>
  text(req).then(
    () => true,
    () => false,
  )
