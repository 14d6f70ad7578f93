import type http from 'node:http'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { type Stage, stage } from './stage.ts'

/** An API whose answer is the status that the password names, after as long as `hold` takes. */
export function statusApi(hold: () => Promise<unknown> = async () => {}) {
  const api = {
    /** logins that arrived */
    seen: 0,
    handler: (async (req, res) => {
      api.seen++
      const [, status = '200'] = /"password":"(\d+)"/.exec(await text(req)) ?? []
      await hold()
      res.writeHead(Number(status)).end()
    }) satisfies http.RequestListener,
  }
  return api
}

/** A front with these limits before such an API. */
export const limitedFront = (t: TestContext, env: Record<string, string>): Promise<Stage> =>
  stage(t, { handler: statusApi().handler, env })

/** Logs in, and resolves to the answer with its body read. */
export async function logIn(
  { url }: Pick<Stage, 'url'>,
  name: string,
  status: number,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; body: string }> {
  const answer = await fetch(`${url}/user/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ name, password: String(status) }),
  })
  return { status: answer.status, headers: answer.headers, body: await answer.text() }
}

/** The statuses of logins one after the other. */
export async function logInTimes(times: number, ...login: Parameters<typeof logIn>): Promise<number[]> {
  const statuses: number[] = []
  for (let i = 0; i < times; i++) statuses.push((await logIn(...login)).status)
  return statuses
}
