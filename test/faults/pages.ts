import { randomUUID } from 'node:crypto'
import http from 'node:http'
import { openLoop } from '../../testing/open-loop.ts'
import { SECRETS, untilDone } from './client.ts'

/** What a page is asked by. */
export type Ask = {
  readonly path: string
  /** What must be in its answer; a page that calls the API shows the id of its request. */
  readonly expects: (id: string) => string
}

/** One page as its visitor saw it. Times in ms, monotonic. */
export type Page = {
  /** sent as X-Request-Id, which the page's own call to the API carries on */
  readonly id: string
  readonly path: string
  readonly dueAt: number
  doneAt: number
  /** its status; or what went wrong where it got none, or not what it should show */
  outcome: number | string
}

/** A page that calls the API each time it is rendered, and shows what that says. */
export const ACCOUNT: Ask = { path: '/account', expects: id => id }
/** The outcome of a page that came, and could not ask the API. */
const UNANSWERED = "without the API's answer"

const [, COOKIE] = SECRETS
/** Nobody waits longer for a page, in ms, where its test does not say otherwise. */
const PATIENCE_MS = 5000

/** Asks for one page after the other at a steady rate (open loop), each with an id of its own. */
export function startVisitors(
  port: () => number,
  perSecond: number,
  asks: readonly Ask[],
  patienceMs = PATIENCE_MS,
) {
  const agent = new http.Agent({ keepAlive: true })
  const pages: Page[] = []
  const { stop } = openLoop(perSecond, dueAt => {
    const ask = asks[pages.length % asks.length] ?? ACCOUNT
    const page: Page = { id: randomUUID(), path: ask.path, dueAt, doneAt: 0, outcome: 'pending' }
    pages.push(page)
    return visit(page, ask, { port: port(), agent, patienceMs })
  })
  return {
    pages,
    /** Ends the load, and resolves when the last page has its outcome. */
    async stop() {
      await stop()
      agent.destroy()
    },
  }
}

type Way = { readonly port: number; readonly agent: http.Agent; readonly patienceMs: number }

function visit(page: Page, { expects }: Ask, { port, agent, patienceMs }: Way): Promise<void> {
  return untilDone(page, patienceMs, done => {
    const headers = { 'X-Request-Id': page.id, Cookie: `session=${COOKIE}` }
    return http.get({ host: '127.0.0.1', port, path: page.path, agent, headers }, response => {
      let text = ''
      response.setEncoding('latin1').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', () => {})
      response.once('close', () => {
        const { statusCode = 0 } = response
        if (!response.complete) done('cut off')
        else done(statusCode === 200 && !text.includes(expects(page.id)) ? UNANSWERED : statusCode)
      })
    })
  })
}
