import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { type Link, openLink } from '../../test/link/link.ts'

/** A neighbour's question: what comes back to a request that this host's own processes may make. */
const ASK = `
  const [host, port] = process.argv.slice(1)
  const socket = require('node:net').connect({ host, port: Number(port) })
  const say = words => { console.log(words); process.exit() }
  setTimeout(say, 1500, 'nothing')
  socket.on('error', error => say(error.code)).on('close', () => say('closed'))
  socket.on('data', data => say(data.toString().split(' ')[1]))
  socket.write('GET /healthz HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\n\\r\\n')
`

const opened = await openLink(0)
const link = typeof opened === 'string' ? undefined : opened
const options = { skip: typeof opened === 'string' ? opened : false }
after(() => link?.close())

/** Runs a command on one of the two hosts, and resolves with what it prints. */
async function run(link: Link, host: 'front' | 'backend', command: string, ...args: string[]) {
  const child = link.spawnAt(host, command, args)
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', data => lines.push(String(data)))
  const [code] = await once(child, 'close')
  assert.equal(code, 0, lines.join(''))
  return lines.join('').trim()
}

async function setUp() {
  assert.ok(link)
  const without = new URL('../../test/faults/without-next.ts', import.meta.url).pathname
  const front = link.spawnAt('front', process.execPath, [`--import=${without}`, 'server.ts'], {
    cwd: new URL('../..', import.meta.url),
    env: {
      ...process.env,
      NODE_ENV: 'production',
      BACKEND_ORIGIN: 'http://api.dev.jp:9',
      DNS_SERVERS: '127.0.0.1:9',
      PAGE_WORKERS: '0',
      CONNECT_TIMEOUT: '200ms',
    },
  })
  assert.ok(front.stdout)
  for await (const line of createInterface({ input: front.stdout })) if (line.includes('"ready"')) break
  return link
}
const ready = link && setUp()
const ask = (link: Link, host: 'front' | 'backend', address: string, port: number) =>
  run(link, host, process.execPath, '-e', ASK, address, String(port))

test(
  'another host reaches the public listener, and neither egress nor the admin listener',
  options,
  async () => {
    const link = await ready
    assert.ok(link)
    assert.equal(await ask(link, 'backend', link.frontHost, 4000), '200')
    for (const port of [4001, 4002]) {
      assert.equal(await ask(link, 'backend', link.frontHost, port), 'ECONNREFUSED', `port ${port}`)
    }
  },
)

// CVE-2020-8558: whoever shares a network with a host can send it packets for 127.0.0.1
test('a neighbour that takes this host for its own loopback gets no answer of egress', options, async () => {
  const link = await ready
  assert.ok(link)
  const sysctl = 'echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet'
  const route = `ip address flush dev lo; ip route add 127.0.0.1 via ${link.frontHost} dev wire`
  await run(link, 'backend', 'sh', '-ec', `${sysctl}; ${route}`)
  assert.equal(await ask(link, 'backend', '127.0.0.1', 4002), 'nothing')
  // as ECS sets it on its EC2 hosts
  await run(link, 'front', 'sh', '-ec', sysctl)
  assert.equal(await ask(link, 'backend', '127.0.0.1', 4000), '200', 'the way is open')
  assert.match(await ask(link, 'backend', '127.0.0.1', 4002), /^(closed|ECONNRESET)$/)
  // the backend of this front is not there: 502 or 503 is an answer
  assert.match(await ask(link, 'front', '127.0.0.1', 4002), /^50[23]$/)
})
