import http from 'node:http'
import { connectTime } from '../../bench/connect-time.ts'
import { quantile } from '../../bench/figures.ts'

/**
 * A client of a link: env TARGET (http://…), LOGINS, PER_SECOND, CONNECT (host:port), BODY_BYTES (of something that is no
 * login: 0 for none). Prints what it saw as JSON.
 * Logins arrive at random moments (a Poisson process), whether or not earlier ones have been answered.
 */
export type ClientCounts = {
  sent: number
  ok: number
  /** the X-Login-Id of those that were not answered with 200, by what they were */
  failed: Record<string, string[]>
  /** what those that were answered with 200 took; milliseconds */
  loginMs: Times
  /** what a TCP connection takes over the link; milliseconds */
  connectMs: Times
}

type Times = { lowest: number; median: number; p99: number }

const { TARGET = '', LOGINS = '', PER_SECOND = '', CONNECT = '', BODY_BYTES } = process.env
const BODY =
  BODY_BYTES === undefined
    ? JSON.stringify({ name: 'taro', password: 'himitsu-no-tobira' })
    : 'x'.repeat(Number(BODY_BYTES))
const CONNECTIONS = 100
/** Logins one after the other before those that count: a cold program is busy compiling itself. */
const WARM_UP = 100

/** At most so many logins are under way: a machine that is busy otherwise gets no queue that it cannot work off. */
const MOST = 16

const agent = new http.Agent({ keepAlive: true })

/** @returns `200`, or what went wrong */
function login(id: string): Promise<string> {
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(BODY),
    'X-Login-Id': id,
  }
  return new Promise(resolve => {
    const req = http.request(new URL('/user/login', TARGET), { method: 'POST', agent, headers }, res => {
      let text = ''
      res.setEncoding('utf8').on('data', chunk => {
        text += chunk
      })
      res.once('close', () => {
        const [code] = /[A-Z]+_[A-Z_]+|E[A-Z]{4,}/.exec(text) ?? []
        const status = res.complete ? String(res.statusCode) : 'cut off'
        resolve(code === undefined ? status : `${status} ${code}`)
      })
    })
    req.once('error', error => resolve(error.message))
    req.end(BODY)
  })
}

function summary(times: number[]): Times {
  // JSON has no NaN
  const at = (part: number) => quantile(times, part) || 0
  return { lowest: at(0), median: at(0.5), p99: at(0.99) }
}

async function run(): Promise<ClientCounts> {
  for (let i = 0; i < WARM_UP; i++) await login(`warm-up-${i}`)
  const connects: number[] = []
  for (let i = 0; i < CONNECTIONS; i++) connects.push(await connectTime(CONNECT))
  const failed: ClientCounts['failed'] = {}
  const times: number[] = []
  const logins: Promise<void>[] = []

  let underWay = 0
  async function one(id: string) {
    const started = performance.now()
    underWay++
    const what = await login(id)
    underWay--
    if (what === '200') {
      times.push(performance.now() - started)
      return
    }
    failed[what] ??= []
    failed[what].push(id)
  }

  const gap = () => (-Math.log(1 - Math.random()) * 1000) / Number(PER_SECOND)
  let next = performance.now()
  while (logins.length < Number(LOGINS)) {
    for (; next <= performance.now() && underWay < MOST && logins.length < Number(LOGINS); next += gap())
      logins.push(one(`${logins.length}`))
    if (underWay === MOST) next = performance.now()
    await new Promise(resolve => setTimeout(resolve, 1))
  }
  await Promise.all(logins)
  agent.destroy()
  const [loginMs, connectMs] = [summary(times), summary(connects)]
  return { sent: logins.length, ok: times.length, failed, loginMs, connectMs }
}

process.stdout.write(`${JSON.stringify(await run())}\n`)
