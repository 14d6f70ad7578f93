import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import tls from 'node:tls'
import { pino } from 'pino'
import { authority } from '../../test/backend.ts'
import { listening } from '../../test/listening.ts'
import { ask, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { watchCertificate } from './certificate.ts'
import { type Connection, connect } from './connect.ts'

const DAY = 86_400_000

/** A connection to a server whose certificate is valid for so many more days, of so many. */
async function connection(t: TestContext, days: number, of = 90): Promise<Connection> {
  const notAfter = new Date(Date.now() + days * DAY)
  const issued = await authority.issue(['api.dev.jp'], {
    notBefore: new Date(notAfter.getTime() - of * DAY),
    notAfter,
  })
  const server = tls.createServer(issued, socket => socket.on('error', () => {}))
  const port = await listening(t, server)
  const connected = await connect('127.0.0.1', { port, verify: 'api.dev.jp' }, 5000)
  t.after(() => connected.socket.destroy())
  return connected
}

/** What is watched, the lines that were written of it, and a clock that the test turns. */
function watched(t: TestContext) {
  const clock = { ms: 0 }
  const lines: Record<string, unknown>[] = []
  const log = pino({ base: null }, { write: line => void lines.push(JSON.parse(line)) })
  const certificate = watchCertificate('https://api.dev.jp', log)
  const show = ({ socket }: Connection) => {
    const { mock } = t.mock.method(performance, 'now', () => clock.ms)
    certificate.look(socket)
    mock.restore()
  }
  return { clock, show, lines, certificate }
}

test('a certificate that expires within two weeks is a warning, once a day', async t => {
  const { clock, show, lines, certificate } = watched(t)
  const connected = await connection(t, 13.5)
  for (const hours of [0, 2, 23, 25, 26]) {
    clock.ms = hours * 3_600_000
    show(connected)
  }
  assert.deepEqual(
    lines.map(({ msg, backend, days }) => [msg, backend, days]),
    Array.from({ length: 2 }, () => ['the certificate of the API expires soon', 'https://api.dev.jp', 13]),
  )
  assert.equal(certificate.endsSoon()?.at.toJSON(), lines[0]?.notAfter)
})

test('one that is valid for longer is none, nor one that is valid for a few days and has most of them left', async t => {
  for (const [days, of] of [
    [15, 90],
    [3, 7],
  ] as const) {
    const { show, lines, certificate } = watched(t)
    show(await connection(t, days, of))
    assert.deepEqual([lines, certificate.endsSoon()], [[], undefined])
    const left = (certificate.notAfter()?.getTime() ?? 0) - Date.now()
    assert.ok(Math.abs(left / DAY - days) < 0.1, `${left / DAY} days`)
  }
  const short = watched(t)
  short.show(await connection(t, 1, 7))
  assert.equal(short.lines.length, 1)
})

test('it is read once an hour, and not of each connection', async t => {
  const { clock, show, certificate } = watched(t)
  show(await connection(t, 13))
  const renewed = await connection(t, 80)
  const read = t.mock.method(tls.TLSSocket.prototype, 'getPeerX509Certificate')
  for (const minutes of [1, 30, 59]) {
    clock.ms = minutes * 60_000
    show(renewed)
  }
  assert.equal(read.mock.callCount(), 0)
  assert.ok(certificate.endsSoon())
  clock.ms = 3_600_000
  show(renewed)
  assert.equal(certificate.endsSoon(), undefined)
})

for (const secure of [true, false])
  test(`a front ${secure ? 'tells until when the certificate is valid' : 'tells nothing of certificates over plain HTTP'}`, async t => {
    const { port, metrics, backend } = await stage(t, { secure })
    await ask(port, request('POST /user/login', [], 'abc'))
    const { text } = await metrics.read()
    const value = /^gatehouse_backend_certificate_expiration_timestamp_seconds (\S+)$/m.exec(text)?.[1]
    assert.equal(Number(value ?? 0), (backend.certificate.notAfter()?.getTime() ?? 0) / 1000)
    assert.equal(value !== undefined, secure)
  })
