import { AsyncLocalStorage } from 'node:async_hooks'
import type { ServerResponse } from 'node:http'
import { pathToFileURL } from 'node:url'

/** The end of an answer waits no longer, as where Redis is gone. With ten busy processes on two cores half waited for 6 ms, one of a hundred for 590 (2026-12-01). */
const MOST_WAIT_MS = 1000
/** Of a class of `cacheHandler`, and of an object of `cacheHandlers`. */
const CALLS = ['revalidateTag', 'updateTags']
const answering = new AsyncLocalStorage<ServerResponse>()

/** Call for each request, before Next has it: what it revalidates belongs to this answer. */
export function rememberAnswer(res: ServerResponse): void {
  answering.enterWith(res)
}

/**
 * Ends each answer only when what its request revalidates has come to the cache. Next hands that to `waitUntil` and ends the answer of a route handler
 * (next/dist/build/templates/app-route.js): whoever asks another process right behind it got the old page (figures: docs/caches.md).
 * What `after()` does is not waited for.
 * @param handler path or URL of the app's `cacheHandler`, or one of its `cacheHandlers`
 */
export async function waitForRevalidations(handler: string): Promise<void> {
  try {
    const { href } = handler.startsWith('file:') ? new URL(handler) : pathToFileURL(handler)
    // the module that Next has, and what Next takes of it (next/dist/lib/interop-default.js)
    const found = defaultOf(defaultOf(await import(href)))
    const owner: unknown = typeof found === 'function' ? found.prototype : found
    if (typeof owner === 'object' && owner !== null) for (const call of CALLS) watch(owner, call)
  } catch {
    // Next says what is wrong with it to whoever asks for a page
  }
}

const defaultOf = (module: unknown): unknown => Reflect.get(Object(module), 'default') || module

function watch(owner: object, name: string) {
  const call: unknown = Reflect.get(owner, name)
  if (typeof call !== 'function') return
  Reflect.set(owner, name, function (this: unknown, ...what: unknown[]) {
    const done: unknown = Reflect.apply(call, this, what)
    const res = answering.getStore()
    // not of after(), which begins behind the answer
    if (res && !res.writableEnded) endBehind(res, Promise.resolve(done))
    return done
  })
}

/** Pieces of the answer go out as they come; its end, and a head that comes with the end, wait. */
function endBehind(res: ServerResponse, revalidation: Promise<unknown>) {
  const { end } = res
  const { promise, resolve } = Promise.withResolvers<void>()
  let over = false
  const goOn = () => {
    over = true
    clearTimeout(late)
    resolve()
  }
  // what has come by then is read before that: a busy worker turns its event loop seldom
  const late = setTimeout(setImmediate, MOST_WAIT_MS, goOn)
  // Next sees to an error
  revalidation.then(goOn, goOn)
  res.end = (...last: unknown[]) => {
    if (over) return Reflect.apply(end, res, last)
    void promise.then(() => Reflect.apply(end, res, last)).catch(() => res.destroy())
    return res
  }
}
