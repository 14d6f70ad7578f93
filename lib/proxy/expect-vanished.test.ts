import assert from 'node:assert/strict'
import type http from 'node:http'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ownTime } from '../../test/own-time.ts'
import { stage, untilProven } from '../../test/stage.ts'

const CONNECT_TIMEOUT_MS = 2000

test('all machines go at once and close nothing: no login fails, and none waits for CONNECT_TIMEOUT', async t => {
  const sockets = new Set<Socket>()
  const handler: http.RequestListener = (req, res) => {
    sockets.add(req.socket)
    req.resume().on('end', () => setTimeout(() => res.end(), 20))
  }
  const front = await stage(t, {
    handler,
    count: 3,
    // so that nothing of a connection is read any more, not even its head
    secure: false,
    env: { CONNECT_TIMEOUT: `${CONNECT_TIMEOUT_MS}ms` },
  })
  await untilProven(front)
  const logIn = async () => {
    const answered = fetch(`${front.url}/user/login`, { method: 'POST', body: 'name=taro' })
    const ms = await ownTime(answered)
    return { status: (await answered).status, ms }
  }
  await Promise.all(Array.from({ length: 15 }, logIn))

  const old = front.alb.listed
  const gone = new Set([...sockets].filter(each => old.includes(each.localAddress ?? '')))
  const added = await front.alb.add(3)
  front.alb.list(added)
  for (const socket of gone) socket.pause()

  const logins: ReturnType<typeof logIn>[] = []
  for (let i = 0; i < 200; i++) {
    logins.push(logIn())
    await sleep(5)
  }
  const answers = await Promise.all(logins)
  const slowest = answers.map(each => each.ms).sort((a, b) => b - a)
  t.diagnostic(
    `p99 ${slowest[2]?.toFixed(0)} ms, slowest ${slowest[0]?.toFixed(0)} ms, median ${slowest[100]?.toFixed(0)} ms`,
  )
  assert.ok(answers.every(each => each.status === 200))
  // half of it is the most that one waits for a 100; of CONNECT_TIMEOUT a busy machine may take some
  assert.ok((slowest[0] ?? 0) < 0.7 * CONNECT_TIMEOUT_MS, `one took ${slowest[0]} ms`)
})
