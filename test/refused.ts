import assert from 'node:assert/strict'
import { ask, header, type recorder, request } from './raw.ts'

/** Sends a request, which ends its connection, then a good one: the backend must have seen that one alone. */
export async function isRefused(
  port: number,
  { seen }: ReturnType<typeof recorder>,
  text: string,
  expected = 400,
): Promise<void> {
  const before = seen.length
  const answer = await ask(port, text)
  assert.equal(answer.status, expected)
  assert.equal(header(answer, 'connection'), 'close')
  await ask(port, request('GET /user/login/after'))
  assert.deepEqual(
    seen.slice(before).map(({ line }) => line),
    ['GET /user/login/after HTTP/1.1'],
  )
}
