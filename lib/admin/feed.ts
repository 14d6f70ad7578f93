import type { IncomingMessage, ServerResponse } from 'node:http'
import { describeError } from '../http/errors.ts'
import type { Log } from '../log.ts'
import type { Event, Events } from '../observe/events.ts'
import { BUCKET_SECONDS, type Bucket } from '../observe/history.ts'
import type { NotableLogin } from '../observe/notable-logins.ts'
import type { Observed } from '../observe/observed.ts'
import { type Section, sectionOf } from './sections.ts'
import { type Setting, settingsOf } from './settings-shown.ts'
import { type State, stateOf } from './state.ts'

/** What the page gets each second; the first one of a connection has the whole hour, each event and the settings. */
export type Message = State & {
  /** new ones, and those that changed, by `at` and `id` */
  readonly buckets: readonly Bucket[]
  readonly events: readonly (Event & Guided)[]
  readonly logins: readonly (NotableLogin & Guided)[]
  readonly bucketSeconds: number
  readonly settings?: readonly Setting[]
}

/** The section of the runbook that says what to do, if there is one. */
type Guided = { readonly runbook: Section | undefined }

type Json<T> = T extends Date ? string : T extends object ? { [K in keyof T]: Json<T[K]> } : T

/** A message as it arrives. */
export type ParsedMessage = Json<Message>

type Parts = Observed & { readonly events: Events; readonly log: Log }

const EVERY_MS = 1000
const CHANGES = ['added', 'departed', 'stale', 'fresh'] as const
/** So many pages are served at once; a team has fewer open. */
const MOST = 16
/** A page that has not read so many bytes is let go; it comes back by itself. */
const MOST_UNREAD = 256 * 1024

/** Server-sent events: the state once a second, and at once when an address changes. */
export function createFeed(parts: Parts) {
  const { history, events, backends, config, log } = parts
  const clients = new Set<ServerResponse>()
  let told = { change: 0, n: 0 }
  let soon: NodeJS.Immediate | undefined
  let ended = false

  function message(whole: boolean): string {
    const text: Message = {
      ...stateOf(parts),
      bucketSeconds: BUCKET_SECONDS,
      buckets: history.buckets(whole ? undefined : 2),
      events: events.since(whole ? 0 : told.change).map(each => ({ ...each, runbook: sectionOf(each.kind) })),
      logins: history.notable
        .since(whole ? 0 : told.n)
        .map(each => ({ ...each, runbook: sectionOf(each.code, each.why) })),
      ...(whole && { settings: settingsOf(config) }),
    }
    return `data: ${JSON.stringify(text)}\n\n`
  }

  function push() {
    soon = undefined
    try {
      events.look()
      if (clients.size > 0) broadcast(message(false))
      told = { change: events.change, n: history.notable.newest }
    } catch (error) {
      // a page that is told nothing says so by itself, and logins go on
      log.error({ cause: describeError(error) }, 'the state could not be sent to the status page')
    }
  }

  function broadcast(text: string) {
    for (const each of clients) {
      if (each.writableLength > MOST_UNREAD) each.destroy()
      else each.write(text)
    }
  }

  // once for several changes of one answer, and after the pool has acted upon them
  const pushSoon = () => {
    soon ??= setImmediate(push)
  }
  for (const { cache } of backends) for (const change of CHANGES) cache.changes.on(change, pushSoon)
  const timer = setInterval(push, EVERY_MS).unref()

  return {
    /** Answers with a stream of server-sent events, or with 503 where there are enough of them or they have ended. */
    open(req: IncomingMessage, res: ServerResponse) {
      // a request that was under way when the listener closed would hold up the front's stop
      if (ended || clients.size >= MOST) {
        res.writeHead(503, { 'Content-Length': 0, 'Retry-After': 10, 'Cache-Control': 'no-store' }).end()
        return
      }
      // before the head: what fails here is answered with 500
      const first = req.method === 'HEAD' ? undefined : `retry: 1000\n${message(true)}`
      res.writeHead(200, {
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
      })
      if (first === undefined) {
        res.end()
        return
      }
      clients.add(res)
      res.once('close', () => clients.delete(res))
      res.write(first)
    },
    end() {
      ended = true
      clearInterval(timer)
      if (soon) clearImmediate(soon)
      for (const { cache } of backends) for (const change of CHANGES) cache.changes.off(change, pushSoon)
      for (const each of clients) each.end()
    },
  }
}
