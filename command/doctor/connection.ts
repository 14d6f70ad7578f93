import net from 'node:net'
import tls from 'node:tls'
import { type Connection, connect, type Target } from '../../lib/backend/connect.ts'
import { describeError, systemErrorCode } from '../../lib/http/errors.ts'
import type { Texts } from './english.ts'
import { type Finding, took } from './report.ts'

/** For one step with one address. Longer than a login waits, so that slow is told from dead. */
export const STEP_MS = 2000

/** A verified connection, as a login gets one. */
export const open = (address: string, target: Target): Promise<Connection> =>
  connect(address, target, STEP_MS)

/** An address that TCP, and TLS where it is asked for, could be set up with. */
export type Reached = {
  readonly address: string
  /** longer than CONNECT_TIMEOUT: no login gets there */
  readonly isSlow: boolean
  /** absent for plain HTTP */
  readonly certificate?: tls.DetailedPeerCertificate
  /** OpenSSL's code for why the certificate's chain or time is refused */
  readonly distrust?: string
}

type Outcome = { finding: Finding; reached?: Reached }

/** Connects to every address, all at once. */
export async function checkConnections(
  addresses: readonly string[],
  target: Target,
  patienceMs: number,
  { connection: texts }: Texts,
) {
  const outcomes = await Promise.all(addresses.map(each => tryAddress(each, target, patienceMs, texts)))
  const reached = outcomes.flatMap(each => each.reached ?? [])
  return { findings: outcomes.map(each => each.finding), reached }
}

async function tryAddress(
  address: string,
  target: Target,
  patienceMs: number,
  texts: Texts['connection'],
): Promise<Outcome> {
  const started = performance.now()
  const at = `${net.isIPv6(address) ? `[${address}]` : address}:${target.port}`
  try {
    const { socket, connectMs } = await open(address, target)
    const ms = performance.now() - started
    const seen = socket instanceof tls.TLSSocket ? shown(socket) : undefined
    socket.on('error', () => {}).destroy()
    const isSlow = ms > patienceMs
    const reached = { address, isSlow, ...seen }
    const secured = seen && texts.tls(String(seen.protocol), took(ms - connectMs))
    const says = texts.good(at, took(connectMs), secured)
    if (!isSlow) return { reached, finding: { check: 'connection', result: 'ok', says } }
    return {
      reached,
      finding: { check: 'connection', result: 'wrong', ...texts.slow(says, took(patienceMs)) },
    }
  } catch (error) {
    const outcome =
      isOfTcp(error) || target.verify === undefined ? undefined : await closerLook(at, address, target, texts)
    return (
      outcome ?? {
        finding: { check: 'connection', result: 'wrong', ...describeFailure(at, error, target, texts) },
      }
    )
  }
}

const isOfTcp = (error: unknown) =>
  /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EACCES|EPERM)$/.test(systemErrorCode(error) ?? '') ||
  (error instanceof Error && error.message.startsWith('no TCP'))

/** Why TLS failed where TCP did not: a certificate that does not fit, or no TLS at all. */
async function closerLook(
  at: string,
  address: string,
  target: Target,
  texts: Texts['connection'],
): Promise<Outcome | undefined> {
  const [seen, plain] = await Promise.all([lookAt(address, target), speaksHttp(address, target.port)])
  if (seen?.distrust) {
    const says = texts.badCertificate(at, String(seen.protocol))
    return {
      reached: { address, isSlow: false, ...seen },
      finding: { check: 'connection', result: 'ok', says },
    }
  }
  if (!plain) return
  return { finding: { check: 'connection', result: 'wrong', ...texts.plain(at, target.port) } }
}

function shown(socket: tls.TLSSocket) {
  const protocol = socket.getProtocol()
  const certificate = socket.getPeerCertificate(true)
  return { protocol, certificate, ...(!socket.authorized && { distrust: String(socket.authorizationError) }) }
}

/** What is wrong with one address where another one works: logins go there (failover), and a deployment need not wait for the first. */
export const besideAnother = (finding: Finding, { connection: texts }: Texts): Finding =>
  finding.result === 'wrong' ? { ...finding, result: 'warning', details: [texts.another] } : finding

/** The certificate of an address that `connect` refused, whatever it is like. Nothing is sent there. */
export async function lookAt(address: string, { port, verify = '' }: Target) {
  const servername = net.isIP(verify) ? '' : verify
  const socket = tls.connect({ host: address, port, servername, rejectUnauthorized: false })
  const seen = (await happens(socket, 'secureConnect')) ? shown(socket) : undefined
  socket.destroy()
  return seen
}

/** Whether the event comes before an error, the end or STEP_MS. */
function happens(socket: net.Socket, event: string): Promise<boolean> {
  return new Promise(resolve => {
    const timer = setTimeout(() => socket.destroy(), STEP_MS)
    socket.once(event, () => resolve(true)).on('error', () => {})
    socket.once('close', () => resolve(false)).once('close', () => clearTimeout(timer))
  })
}

async function speaksHttp(address: string, port: number): Promise<boolean> {
  const socket = net.connect(port, address)
  socket.write('HEAD / HTTP/1.1\r\nHost: doctor.invalid\r\nConnection: close\r\n\r\n')
  let answer = ''
  socket.once('data', (data: Buffer) => {
    answer = data.toString('latin1')
  })
  await happens(socket, 'data')
  socket.destroy()
  return answer.startsWith('HTTP/1')
}

/** OpenSSL's own message, without the line of its source. */
const reasonOf = (error: unknown) =>
  error instanceof Error && 'reason' in error ? String(error.reason) : describeError(error)

function describeFailure(at: string, error: unknown, { port }: Target, texts: Texts['connection']) {
  const code = systemErrorCode(error) ?? ''
  if (code === 'ECONNREFUSED') return texts.refused(at, port)
  if (isOfTcp(error) && code === 'ETIMEDOUT') return texts.dropped(at, port, took(STEP_MS))
  if (isOfTcp(error)) return texts.noRoute(at, describeError(error))
  if (code === 'ETIMEDOUT') return texts.noTls(at, took(STEP_MS))
  if (code === 'ECONNRESET') return texts.reset(at)
  return texts.tlsFails(at, reasonOf(error))
}
