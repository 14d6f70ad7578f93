import { subscribe } from 'node:diagnostics_channel'
import { existsSync } from 'node:fs'
import http, { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { offerUpgrades } from '../offer-upgrades.ts'
import { registered } from '../registered.ts'
import { nameInUrl } from '../self.ts'
import { drainBody } from '../unread-body.ts'
import { endTheOneBefore, keepToLength } from './announced-length.ts'
import { nameCacheHandlers } from './cache-handlers.ts'
import { compressAtOnce } from './compress-at-once.ts'
import { createCompressedPages } from './compressed-pages.ts'
import { joinWrites } from './join-writes.ts'
import { markLines } from './mark-lines.ts'
import { dropOwn } from './node-arguments.ts'
import { PASSED_ENV } from './passed-env.ts'
import { rememberAnswer, waitForRevalidations } from './revalidating.ts'

/**
 * Preloaded into every page worker, before Next's own server.js, which runs as it was built. It says where that listens,
 * answers for its event loop, and ends the process with the front.
 */
const { listen, address } = net.Server.prototype
const { chdir } = process
/** The front's, which pages are to know as their own. */
const { PORT, [PASSED_ENV.HOSTNAME]: hostname } = process.env
const name = nameInUrl({ hostname: hostname ?? '', port: Number(PORT) })
const ignore = () => {}
/** What Next's handler writes to each request first of all. */
const TAKEN = Symbol.for('NextInternalRequestMeta')
const LOOK_MS = 50
/** Next has loaded a cache handler by then; one that takes longer is no reason not to serve. */
const LOAD_MS = 1000
const useCompressed = createCompressedPages()
/** A terminal sends these to the whole process group, but the front alone says when a worker stops: by SIGTERM. */
const LEFT_TO_THE_FRONT: readonly (string | symbol)[] = ['SIGINT', 'SIGHUP']

/**
 * Replaces `listen` for Next's own server, which is the one that asks for the front's PORT: it gets a free port on loopback, and still reads PORT as its
 * own. Requests of Next to itself (a server action that redirects or is forwarded) go straight to this process; Host then has the name that it would
 * have under `next start`.
 */
function listenAnywhere(this: net.Server, ...where: unknown[]): net.Server {
  // one that the app opens before Next, as for metrics
  if (String(where[0]) !== PORT) return Reflect.apply(listen, this, where)
  net.Server.prototype.listen = listen
  endTelling()
  cacheHandlers = nameCacheHandlers()
  this.address = () => ({ address: '127.0.0.1', family: 'IPv4', port: Number(PORT) })
  // the front bounds what clients may take; an upload has no limit on the whole
  if (this instanceof http.Server) Object.assign(this, { requestTimeout: 0, headersTimeout: 0 })
  // Next's own listener comes first: it was added before the call
  this.once('listening', () => {
    const taken = address.call(this)
    if (typeof taken !== 'object' || !taken) return
    const own = `127.0.0.1:${taken.port}`
    process.env.__NEXT_PRIVATE_ORIGIN = `http://${own}`
    this.prependListener('request', ({ headers, socket }: http.IncomingMessage, res: http.ServerResponse) => {
      if (headers.host === own) headers.host = name
      endTheOneBefore(socket, res)
      keepToLength(res)
      joinWrites(res)
      useCompressed(res)
      compressAtOnce(res)
      if (cacheHandlers.length > 0) rememberAnswer(res)
    })
    if (this instanceof http.Server) offerTo(this)
    // the first request is the front's readiness probe
    this.once('request', followProbe)
    process.send?.({ port: taken.port })
  })
  return listen.call(this, { port: 0, host: '127.0.0.1' })
}

/**
 * Tells the front when Next has taken the readiness probe, and what came of it. Until Next has loaded everything it holds each request, which says
 * nothing about the app.
 */
function followProbe(req: http.IncomingMessage, res: http.ServerResponse) {
  const look = setInterval(() => {
    if (!(TAKEN in req)) return
    clearInterval(look)
    process.send?.({ taken: true })
  }, LOOK_MS)
  // answered, or given up
  res.once('close', () => {
    clearInterval(look)
    void tellRegistered()
  })
}

async function tellRegistered() {
  const [, script = ''] = process.argv
  await registered(script)
  const watched = Promise.all(cacheHandlers.map(waitForRevalidations))
  await Promise.race([watched, sleep(LOAD_MS, undefined, { ref: false })])
  process.send?.({ registered: true })
}

/** @returns gives the variables back what the app's environment has */
function passEnvToNext(): () => void {
  const before: [variable: string, value: string | undefined][] = []
  for (const [variable, from] of Object.entries(PASSED_ENV)) {
    before.push([variable, process.env[variable]])
    process.env[variable] = process.env[from]
    delete process.env[from]
  }
  return () => {
    for (const [variable, value] of before) {
      if (value === undefined) delete process.env[variable]
      else process.env[variable] = value
    }
  }
}

/**
 * Next's server.js goes into its own folder first of all, and takes its files from there by whole paths. Pages stay in the app's, as under
 * `next start`. In an image there is none: its files are in the standalone output, as far as the build has traced them.
 */
function stayInAppFolder() {
  if (!existsSync('package.json')) return
  process.chdir = () => {
    process.chdir = chdir
  }
}

/** Next's own listener is the one that is there by now, and gives a promise. */
function offerTo(server: http.Server) {
  const listeners = server.listeners('upgrade')
  if (listeners.length === 0) return
  server.removeAllListeners('upgrade')
  offerUpgrades(server, (...upgrade) =>
    Promise.all(listeners.map(listener => Reflect.apply(listener, server, upgrade))),
  )
}

/**
 * The app's `.env.production.local`, `.env.local`, `.env.production` and `.env`, as `next start` reads them when it starts: from the app's folder,
 * where this process is until Next's server.js goes into its own. What it finds beside that (copies that the build made) counts after them.
 */
function loadAppEnv() {
  const [, script = ''] = process.argv
  try {
    const ofNext = createRequire(createRequire(script).resolve('next/package.json'))
    const module = ofNext.resolve('@next/env')
    ofNext(module).loadEnvConfig(process.cwd(), false, { info: ignore, error: console.error })
    // Next loads it anew, or it would take the rest for done
    delete ofNext.cache[module]
    delete process.env.__NEXT_PROCESSED_ENV
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND')) throw error
  }
}

/** What a worker owes the front: it answers, ends with it, and leaves signals to it. */
function attachToFront() {
  // or the connection would be held for KEEP_ALIVE_TIMEOUT, though the front has closed it
  subscribe('http.server.response.finish', message => {
    if (typeof message !== 'object' || message === null) return
    if (!('request' in message && 'socket' in message)) return
    const { request, socket } = message
    if (request instanceof IncomingMessage && socket instanceof net.Socket) drainBody(request, socket)
  })

  // anything that comes is a question whether the event loop turns
  process.on('message', () => process.send?.({ rss: process.memoryUsage.rss() }, undefined, {}, ignore))

  // the front is gone, perhaps by kill -9: nobody is left to ask for a page, and no page's exit handler has a say
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))

  for (const signal of LEFT_TO_THE_FRONT) process.on(signal, ignore)
  process.on('newListener', (event, listener) => {
    if (LEFT_TO_THE_FRONT.includes(event)) process.nextTick(() => process.off(event, listener))
  })
}

let endTelling = ignore
let cacheHandlers: readonly string[] = []
// once: a thread of a page inherits the preload, and is not the front's
if (hostname !== undefined) {
  dropOwn(process.execArgv)
  attachToFront()
  markLines(process.stdout)
  markLines(process.stderr)
  loadAppEnv()
  endTelling = passEnvToNext()
  stayInAppFolder()
  Object.assign(net.Server.prototype, { listen: listenAnywhere })
}
