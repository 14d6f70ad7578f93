import { fork } from 'node:child_process'
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { getHeapStatistics } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { NEXT_REQUEST_META } from 'next/dist/server/request-meta.js'
import { answerInBytes } from '../pieces.ts'
import { LOGGING } from './odd-logs.ts'
import { UPLOADS } from './odd-uploads.ts'

/** In place of Next's standalone server.js: pages that misbehave, by their path. */
const { PORT, HOSTNAME, ODD_START = '', ODD_METRICS, ODD_CONFIG } = process.env
// as Next's does first of all
process.chdir(import.meta.dirname)
if (ODD_CONFIG) process.env.__NEXT_PRIVATE_STANDALONE_CONFIG = ODD_CONFIG
if (ODD_START === 'exit') process.exit(7)
if (ODD_START === 'lies')
  for (const lie of [null, 'port', { port: 99_999 }, { rss: 'much' }]) process.send?.(lie)

// as what NODE_OPTIONS preloads
if (ODD_METRICS) http.createServer((_req, res) => res.end('metrics')).listen(Number(ODD_METRICS), '127.0.0.1')

const held = new Set<http.ServerResponse>()
let aborted = 0
let resets = 0
let behind = Promise.resolve()
const revalidation = { ...Promise.withResolvers<void>(), ended: () => false }

const queryOf = ({ url = '' }: http.IncomingMessage) => new URL(url, 'http://page.example').searchParams

/** Until `/go`. */
function hold(res: http.ServerResponse) {
  held.add(res)
  res.on('close', () => {
    if (!res.writableFinished) aborted++
  })
}

function standStill() {
  const until = performance.now() + 1500
  while (performance.now() < until);
}

const pages: Record<string, http.RequestListener> = {
  '/pid': (_req, res) => res.end(String(process.pid)),
  '/echo': (req, res) => void req.pipe(res),
  '/head': (req, res) => res.end(JSON.stringify({ headers: req.headers, port: req.socket.remotePort })),
  '/cookie': (req, res) => {
    const size = Number(queryOf(req).get('size'))
    res.writeHead(200, { 'Set-Cookie': `a=${'x'.repeat(size)}` }).end()
  },
  '/env': (_req, res) => res.end(JSON.stringify(process.env)),
  '/cwd': (_req, res) => res.end(process.cwd()),
  '/timeouts': (_req, res) => res.end(JSON.stringify([server.requestTimeout, server.headersTimeout])),
  '/fork': (_req, res) => {
    const child = fork(fileURLToPath(new URL('./child.ts', import.meta.url)))
    const said: unknown[] = []
    child.on('message', message => said.push(message)).send(21)
    child.once('exit', (code, signal) => res.end(JSON.stringify({ said, code, signal })))
  },
  // as a Prometheus client that has a thread of its own
  '/thread': (req, res) => {
    const port = queryOf(req).get('port')
    const code = `import { createServer } from 'node:net'
      import { parentPort } from 'node:worker_threads'
      const server = createServer()
      server.listen(${port}, '127.0.0.1', () => parentPort.postMessage(server.address().port))`
    const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`))
    thread.once('message', taken => void thread.terminate().then(() => res.end(String(taken))))
  },
  '/aborted': (_req, res) => res.end(String(aborted)),
  '/exit': () => process.exit(3),
  '/reset': req => {
    resets++
    req.socket.destroy()
  },
  '/resets': (_req, res) => res.end(String(resets)),
  // lives on, and takes no connection more
  '/deaf': (_req, res) => {
    server.close()
    res.setHeader('Connection', 'close').end()
  },
  '/loop': () => {
    for (;;);
  },
  // in one turn of the event loop, as a heavy render
  '/busy': (_req, res) => {
    standStill()
    res.end(String(process.pid))
  },
  // how often the front has asked meanwhile whether the event loop turns
  '/asked': async (_req, res) => {
    let asked = 0
    const count = () => void asked++
    process.on('message', count)
    standStill()
    await sleep(100)
    process.off('message', count)
    res.end(String(asked))
  },
  '/heap-limit': (_req, res) => res.end(String(getHeapStatistics().heap_size_limit)),
  '/large-head': (req, res) => {
    res.setHeader('X-Large', 'x'.repeat(60_000)).end(String(req.headers.cookie?.length))
  },
  // as after() does, which Next waits for when it closes
  '/after': (_req, res) => {
    res.end()
    behind = sleep(2000).then(() => console.log('done behind the answer'))
  },
  '/heap': () => {
    const kept: number[][] = []
    for (;;) kept.push(new Array(1_000_000).fill(kept.length))
  },
  '/large': (_req, res) => {
    Object.assign(globalThis, { large: Buffer.alloc(200 * 1024 ** 2, 1) })
    res.end(String(process.pid))
  },
  // as with buffers of an upload that V8 has not freed yet
  '/swollen': (_req, res) => {
    let times = 3
    process.on('message', function swell() {
      process.send?.({ rss: 1024 ** 4 })
      if (--times === 0) process.off('message', swell)
    })
    res.end(String(process.pid))
  },
  '/held': (_req, res) => hold(res),
  '/stream': (_req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/plain' }).write('one ')
    hold(res)
  },
  '/headers-first': (_req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/plain' }).flushHeaders()
    hold(res)
  },
  '/holding': (_req, res) => res.end(String(held.size)),
  '/go': (_req, res) => {
    for (const each of held) each.end('two')
    held.clear()
    res.end()
  },
  // as a route handler, of which Next leaves the revalidation to waitUntil()
  '/revalidate': async (_req, res) => {
    const { cacheHandler } = JSON.parse(process.env.__NEXT_PRIVATE_STANDALONE_CONFIG ?? '{}')
    const { default: Handler } = await import(cacheHandler)
    void new Handler().revalidateTag(revalidation.promise)
    res.write('renewed')
    res.end()
    revalidation.ended = () => res.writableFinished
  },
  '/revalidated': (_req, res) => {
    res.end(String(revalidation.ended()))
    revalidation.resolve()
  },
  '/bytes': answerInBytes,
  '/none': (_req, res) => res.writeHead(204, { 'X-Kind': 'none' }).end(),
  '/same': (_req, res) => res.writeHead(304, { ETag: '"1"' }).end(),
  '/hop': (_req, res) => {
    res.setHeader('Connection', 'keep-alive, x-secret')
    res.setHeader('X-Secret', 'of this hop')
    res.setHeader('Set-Cookie', ['a=1', 'b=2'])
    res.setHeader('Proxy-Authenticate', 'Basic')
    res.setHeader('Content-Language', 'ja')
    res.end('hop')
  },
  '/upgrade-required': (_req, res) => res.writeHead(426, { Upgrade: 'TLS/1.3' }).end(),
  '/many-headers': (_req, res) => {
    res.writeHead(200, Array.from({ length: 1001 }, (_, i) => [`x-${i}`, '']).flat()).end('many')
  },
  ...UPLOADS,
  '/connections': (_req, res) => server.getConnections((_error, count) => res.end(String(count))),
  // more than is announced, so late that the connection may serve the next visitor
  '/too-long': async (req, res) => {
    const [, more = ''] = (req.url ?? '').split('?')
    const rest = `HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged`
    if (more === 'by-writeHead') res.writeHead(200, { 'Content-Length': 5 })
    else res.setHeader('Content-Length', '5')
    res.write(`whole${rest.slice(0, 1)}`)
    await sleep(30)
    res.write(Buffer.from(rest.slice(1)), () => res.end(rest))
  },
  '/too-short': (_req, res) => res.setHeader('Content-Length', '10').end('short'),
  // whole for the front, while the page goes on: it saves something, or does not know that HEAD has no body
  '/whole': (_req, res) => {
    res.setHeader('Content-Length', '5').flushHeaders()
    res.write('whole')
    const writing = setInterval(() => res.write('more'), 20)
    res.on('close', () => {
      clearInterval(writing)
      // a page that has not looked for 'close' ends all the same
      res.write('more')
      res.end('more')
    })
  },
  '/early-hints': (_req, res) => {
    res.writeEarlyHints({ link: '</a.css>; rel=preload; as=style' })
    res.writeEarlyHints({ link: ['</b.css>; rel=preload; as=style', '</c.js>; rel=preload; as=script'] })
    res.end('late')
  },
  ...LOGGING,
}

function die(url: URL, res: http.ServerResponse) {
  const which = url.searchParams.get('if') ?? process.pid
  if (Number(which) === process.pid) process.kill(process.pid, 'SIGKILL')
  else res.end(String(process.pid))
}

/** As Next holds what comes before it has loaded all. */
async function load(req: http.IncomingMessage, res: http.ServerResponse) {
  await sleep(500)
  console.log('loaded')
  Object.assign(req, { [NEXT_REQUEST_META]: {} })
  // or a proxy.ts waits for a service for ever
  if (ODD_START === 'slow') res.writeHead(404).end()
}

const server = http.createServer((req, res) => {
  if (ODD_START.startsWith('slow') && req.url === '/_next/static/-') return load(req, res)
  if (ODD_START === 'dies') res.on('finish', () => setTimeout(() => process.exit(7), 50))
  const url = new URL(req.url ?? '', 'http://page.example')
  const page = pages[url.pathname]
  // bytes that no server would send
  if (url.pathname === '/raw') req.socket.end(Buffer.from(url.searchParams.get('bytes') ?? '', 'base64'))
  else if (url.pathname === '/die') die(url, res)
  else if (page) page(req, res)
  else res.writeHead(404).end()
})
process.on('SIGTERM', () => server.close(() => void behind.then(() => process.exit(143))))
server.keepAliveTimeout = Number(process.env.KEEP_ALIVE_TIMEOUT)
server.listen(Number(PORT) || 3000, HOSTNAME)
