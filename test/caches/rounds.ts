import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'

/** What is kept in the cache that all workers and tasks share, and what renews it. */
type Kind = { readonly page: string; readonly renew: string }

/** By what an app calls. */
export const KINDS: Readonly<Record<string, Kind>> = {
  revalidateTag: { page: '/tag', renew: '/tag/renew' },
  revalidatePath: { page: '/path', renew: '/path/renew' },
  'res.revalidate': { page: '/isr', renew: '/api/renew' },
  unstable_cache: { page: '/unstable', renew: '/unstable/renew' },
  'use cache': { page: '/cached', renew: '/cached/renew' },
}

const TOGETHER = 40
/** So many clients ask on while a round runs. */
const LOAD = 4
/** What is old here and not at once is stored late. */
const SETTLED_MS = 50
/** A little more than `revalidate` of that page. */
const TIMED_MS = 1100
const PATIENCE_MS = 30_000

/** Of the pages in site/: when what they show was made, in ms since 1970. */
const madeIn = (body: string) => Number(/made at (?:<!-- -->)?([\d.]+)/.exec(body)?.[1])
const now = () => performance.timeOrigin + performance.now()

async function ask(url: string, path: string, init: RequestInit = {}): Promise<string> {
  const answer = await fetch(new URL(path, url), { signal: AbortSignal.timeout(PATIENCE_MS), ...init })
  const body = await answer.text()
  assert.ok(answer.ok, `${path}: ${answer.status} ${body.slice(0, 200)}`)
  return body
}

export type Fronts = {
  /** of each task */
  readonly urls: readonly string[]
}

/** The pages that `count` requests get, sent together to all tasks in turn. */
const together = ({ urls }: Fronts, page: string, count = TOGETHER) =>
  Promise.all(
    Array.from({ length: count }, async (_, i) => madeIn(await ask(urls[i % urls.length] ?? '', page))),
  )

/**
 * Renews a page, round by round, while others ask for it.
 * @returns how many answers were made before the request that renews was sent: to requests that were sent right behind its answer, and 50 ms later
 */
export async function oldAfter(
  fronts: Fronts,
  { page, renew }: Kind,
  rounds: number,
): Promise<{ atOnce: number; old: number; of: number }> {
  let over = false
  const load = Array.from({ length: LOAD }, async () => {
    while (!over) await together(fronts, page, 1)
  })
  let atOnce = 0
  let old = 0
  try {
    for (let round = 0; round < rounds; round++) {
      // or all of them would make the page, where nobody has
      await together(fronts, page, 1)
      const before = await together(fronts, page)
      assert.ok(before.every(Number.isFinite), 'the page says when it was made')
      assert.ok(new Set(before).size < TOGETHER / 4, `nothing is cached: ${new Set(before).size} pages`)
      const sent = now()
      await ask(fronts.urls[round % fronts.urls.length] ?? '', renew, { method: 'POST' })
      const isOld = (made: number) => made < sent
      atOnce += (await together(fronts, page)).filter(isOld).length
      await sleep(SETTLED_MS)
      old += (await together(fronts, page)).filter(isOld).length
    }
  } finally {
    over = true
    await Promise.all(load)
  }
  return { atOnce, old, of: rounds * TOGETHER }
}

/**
 * Asks for a page that is made anew a second after it was, until one process has made it, and then all of them.
 * @returns how many answers were older than that page
 */
export async function oldInTime(fronts: Fronts, rounds: number): Promise<{ old: number; of: number }> {
  let old = 0
  for (let round = 0; round < rounds; round++) {
    const [before = 0] = await together(fronts, '/timed', 1)
    await sleep(TIMED_MS)
    const signal = AbortSignal.timeout(PATIENCE_MS)
    let renewed = before
    while (renewed <= before) {
      signal.throwIfAborted()
      ;[renewed = before] = await together(fronts, '/timed', 1)
    }
    old += (await together(fronts, '/timed')).filter(made => made < renewed).length
  }
  return { old, of: rounds * TOGETHER }
}

/** @returns how many of those with the cookie of draft mode, and without it, got the other page */
export async function wrongDrafts(fronts: Fronts): Promise<{ wrong: number; of: number }> {
  const entry = await fetch(new URL('/post/draft', fronts.urls[0]))
  const [cookie = ''] = (entry.headers.get('set-cookie') ?? '').split(';')
  let wrong = 0
  await Promise.all(
    Array.from({ length: TOGETHER }, async (_, i) => {
      const isDraft = i % 4 < 2
      const body = await ask(fronts.urls[i % fronts.urls.length] ?? '', '/post', {
        headers: isDraft ? { cookie } : {},
      })
      if (!body.includes(isDraft ? 'draft' : 'published')) wrong++
    }),
  )
  return { wrong, of: TOGETHER }
}
