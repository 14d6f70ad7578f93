import type http from 'node:http'
import { pipeline, Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

/** what `/later` and `/later-slowly` have read since they answered */
let read = 0

/** Pages of odd-server.ts that answer before they have read what is sent to them, or never read it. */
export const UPLOADS: Record<string, http.RequestListener> = {
  '/refuse': (_req, res) => res.writeHead(413).end('too much'),
  // as Next does at its limits: it has begun to read, and stops
  '/unread': (req, res) => {
    const status = Number(new URL(req.url ?? '', 'http://page.example').searchParams.get('status') ?? 413)
    req.once('data', () => {
      req.pause()
      res.writeHead(status).end('enough')
    })
  },
  // as Next does at the limit of a server action: Node's pipeline takes the socket off the request that it destroys
  '/limited': (req, res) => {
    const limit = new Writable({ write: (_chunk, _encoding, done) => done(new Error('too much')) })
    pipeline(req, limit, () => res.writeHead(413).end('enough'))
  },
  // as a route handler that reads one piece of request.body
  '/partly': (req, res) => {
    const reader = Readable.toWeb(req).getReader()
    void reader.read().then(() => res.writeHead(413).end('enough'))
  },
  '/begun': (req, res) => {
    req.once('data', () => {
      req.pause()
      res.write('begun')
    })
  },
  // as a route handler that reads on in after()
  '/later': (req, res) => {
    res.end('later')
    read = 0
    req.on('data', chunk => {
      read += chunk.length
    })
  },
  // the same with pauses, as one that writes each piece to a slow place
  '/later-slowly': async (req, res) => {
    res.end('later')
    read = 0
    for await (const chunk of req) {
      read += chunk.length
      await sleep(600)
    }
  },
  '/read': (_req, res) => res.end(String(read)),
}
