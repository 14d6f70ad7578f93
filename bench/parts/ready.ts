import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { LOGIN, type Request } from '../load.ts'

const PATIENCE_MS = 30_000
const PAUSE_MS = 5

/** Asks again and again until the answer is 200; throws when that takes too long. */
export async function untilAnswered(request: Request): Promise<void> {
  const patience = performance.now() + PATIENCE_MS
  for (let status = 0; status !== 200; await sleep(PAUSE_MS)) {
    if (performance.now() > patience) throw new Error(`${request.url} does not work: ${status}`)
    status = await ask(request)
  }
}

/** @returns the status, 0 where there was no answer */
function ask({ url, body }: Request): Promise<number> {
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body ?? '') }
  return new Promise(resolve => {
    const options = body === undefined ? {} : { method: 'POST', headers }
    const request = http.request(url, { ...options, agent: false }, response => {
      response.resume().once('close', () => resolve(response.complete ? (response.statusCode ?? 0) : 0))
    })
    request.once('error', () => resolve(0)).end(body)
  })
}

export const login = (url: string) => ({ url: `${url}/user/login`, body: LOGIN })
