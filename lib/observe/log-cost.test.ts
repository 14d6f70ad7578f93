import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { pino } from 'pino'
import { type Config, readConfig } from '../settings/settings.ts'
import { logOutcomes } from './log-line.ts'
import { judge, type RequestFacts } from './outcome.ts'

/** CloudWatch counts so many bytes for each line besides its own (PutLogEvents). */
const PER_LINE = 26
const PER_MINUTE = 6000
const MINUTES = 730 * 60

function requestOf(method: string, url: string): IncomingMessage {
  const req = new IncomingMessage(new Socket())
  return Object.assign(req, {
    method,
    url,
    headers: {
      host: 'www.dev.jp',
      'user-agent':
        'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1',
      'x-request-id': '9b2f1c1e-7a55-4f0e-9d0e-3b1f2a6c4d5e',
      'x-real-ip': '203.0.113.7',
      'x-amzn-trace-id': 'Root=1-67891233-abcdef012345678912345678',
    },
  })
}

const facts = { status: 200, ms: 12.3, bytes: 15_234, bytesIn: 812 }
const file = (i: number): RequestFacts => ({
  ...facts,
  route: 'static',
  req: requestOf('GET', `/_next/static/chunks/main-app-0123456789abcde${i}.js`),
})
const login: RequestFacts = {
  ...facts,
  route: 'login',
  isLogin: true,
  req: requestOf('POST', '/user/login'),
  matched: '/user/login',
  backend: 'https://api.dev.jp',
  address: '10.0.8.17',
  reused: true,
  attempts: 1,
}

/** A view of the login page, and the login: twelve requests, ten of them for files. */
const VIEW: readonly RequestFacts[] = [
  { ...facts, route: 'page', worker: 1, req: requestOf('GET', '/login') },
  ...Array.from({ length: 10 }, (_, i) => file(i)),
  login,
]

/** Lines and bytes of it in CloudWatch, and how many GB such views are in a month. */
function costOf(choice: Config['LOG_REQUESTS']) {
  let [lines, bytes] = [0, 0]
  const write = (line: string) => {
    lines++
    bytes += Buffer.byteLength(line) - 1 + PER_LINE
  }
  const log = pino({ base: null, formatters: { level: label => ({ level: label }) } }, { write })
  const tell = logOutcomes(log, choice)
  for (const each of VIEW) tell(judge(each))
  return { lines, kB: bytes / 1000, gigabytes: (bytes * PER_MINUTE * MINUTES) / VIEW.length / 1e9 }
}

test('docs/ecs.md says of each LOG_REQUESTS what it writes and costs', () => {
  const page = readFileSync('docs/ecs.md', 'utf8')
  const [, dollars = ''] = /^\| logs \|[^|]* (0\.\d+) a GB taken in/m.exec(page) ?? []
  const [, section = ''] = /^### What the log costs\n([\s\S]*?)^## /m.exec(page) ?? []
  const rows = [...section.matchAll(/^\| `(\w+)` \| (\d+) \| ([\d.]+) \| (\d+) \| (\d+) \|$/gm)]
  const choices = readChoices()
  assert.deepEqual(
    rows.flatMap(([, name = '']) => name),
    choices,
  )
  for (const choice of choices) {
    const { lines, kB, gigabytes } = costOf(choice)
    const row = rows
      .find(([, name]) => name === choice)
      ?.slice(2)
      .map(Number)
    const price = Math.round(gigabytes * Number(dollars))
    assert.deepEqual(row, [lines, Number(kB.toFixed(1)), Math.round(gigabytes), price], choice)
  }
})

function readChoices(): Config['LOG_REQUESTS'][] {
  const config = (LOG_REQUESTS: string) => readConfig({ BACKEND_ORIGIN: 'https://api.dev.jp', LOG_REQUESTS })
  return ['all', 'pages', 'api', 'errors'].map(each => config(each).LOG_REQUESTS)
}
