import net from 'node:net'
import tls from 'node:tls'
import { type Connection, connect, type Target } from '../../lib/backend/connect.ts'
import { describeError, systemErrorCode } from '../../lib/http/errors.ts'
import { type Finding, took } from './report.ts'

/** For one step with one address. Longer than a login waits, so that slow is told from dead. */
export const STEP_MS = 2000

/** A verified connection, as a login gets one. */
export const open = (address: string, target: Target): Promise<Connection> =>
  connect(address, target, STEP_MS, new AbortController().signal)

/** An address that TCP, and TLS where it is asked for, could be set up with. */
export type Reached = {
  readonly address: string
  /** absent for plain HTTP */
  readonly certificate?: tls.DetailedPeerCertificate
  /** OpenSSL's word for why the certificate's chain or time does not do */
  readonly distrust?: string
}

type Outcome = { finding: Finding; reached?: Reached }

/** Connects to every address, all at once. */
export async function checkConnections(addresses: readonly string[], target: Target, patienceMs: number) {
  const outcomes = await Promise.all(addresses.map(each => tryAddress(each, target, patienceMs)))
  const reached = outcomes.flatMap(each => each.reached ?? [])
  return { findings: outcomes.map(each => each.finding), reached }
}

async function tryAddress(address: string, target: Target, patienceMs: number): Promise<Outcome> {
  const started = performance.now()
  const at = `${net.isIPv6(address) ? `[${address}]` : address}:${target.port}`
  try {
    const { socket, connectMs } = await open(address, target)
    const ms = performance.now() - started
    const seen = socket instanceof tls.TLSSocket ? shown(socket) : undefined
    socket.on('error', () => {}).destroy()
    const reached = { address, ...seen }
    const secured = seen ? `, ${seen.protocol} in ${took(ms - connectMs)}` : ''
    const says = `${at}: TCP in ${took(connectMs)}${secured}`
    if (ms <= patienceMs) return { reached, finding: { check: 'connection', result: 'ok', says } }
    return {
      reached,
      finding: {
        check: 'connection',
        result: 'wrong',
        says: `${says}: longer than CONNECT_TIMEOUT (${took(patienceMs)}), so no login gets there`,
        todo: 'See why the way there is slow (CPU of this task, another region, a peering), or raise CONNECT_TIMEOUT.',
      },
    }
  } catch (error) {
    const outcome =
      isOfTcp(error) || target.verify === undefined ? undefined : await closerLook(at, address, target)
    return (
      outcome ?? { finding: { check: 'connection', result: 'wrong', ...describeFailure(at, error, target) } }
    )
  }
}

const isOfTcp = (error: unknown) =>
  /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EACCES|EPERM)$/.test(systemErrorCode(error) ?? '') ||
  (error instanceof Error && error.message.startsWith('no TCP'))

/** Why TLS failed where TCP did not: a certificate that does not fit, or no TLS at all. */
async function closerLook(at: string, address: string, target: Target): Promise<Outcome | undefined> {
  const [seen, plain] = await Promise.all([lookAt(address, target), speaksHttp(address, target.port)])
  if (seen?.distrust) {
    const says = `${at}: TCP, ${seen.protocol}; its certificate is refused, see below`
    return { reached: { address, ...seen }, finding: { check: 'connection', result: 'ok', says } }
  }
  if (!plain) return
  return {
    finding: {
      check: 'connection',
      result: 'wrong',
      says: `${at} speaks plain HTTP, and BACKEND_ORIGIN says https`,
      todo:
        "Use the port of the ALB's HTTPS listener in BACKEND_ORIGIN (443 needs none), or make this listener HTTPS. " +
        `Only where passwords may cross the network unencrypted: BACKEND_ORIGIN=http://… with port ${target.port}.`,
    },
  }
}

function shown(socket: tls.TLSSocket) {
  const protocol = socket.getProtocol()
  const certificate = socket.getPeerCertificate(true)
  return { protocol, certificate, ...(!socket.authorized && { distrust: String(socket.authorizationError) }) }
}

/** The certificate of an address that `connect` refused, whatever it is like. Nothing is sent there. */
export async function lookAt(address: string, { port, verify = '' }: Target) {
  const servername = net.isIP(verify) ? '' : verify
  const socket = tls.connect({ host: address, port, servername, rejectUnauthorized: false })
  const seen = (await happens(socket, 'secureConnect')) ? shown(socket) : undefined
  socket.destroy()
  return seen
}

/** Whether it comes to that, before an error, the end or STEP_MS. */
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

/** OpenSSL's own words, without the line of its source. */
const reasonOf = (error: unknown) =>
  error instanceof Error && 'reason' in error ? String(error.reason) : describeError(error)

function describeFailure(at: string, error: unknown, { port }: Target): { says: string; todo: string } {
  const code = systemErrorCode(error) ?? ''
  if (code === 'ECONNREFUSED')
    return {
      says: `${at} refuses the connection: nothing listens on this port`,
      todo: `Check the port in BACKEND_ORIGIN, and that the ALB has a listener on ${port}.`,
    }
  if (isOfTcp(error) && code === 'ETIMEDOUT')
    return {
      says: `${at} does not answer: packets are dropped (${took(STEP_MS)} waited)`,
      todo:
        `Let port ${port} through: the ALB's security group must accept it from this task's, this task's must let it out; ` +
        'then network ACLs, and the routes between the subnets.',
    }
  if (isOfTcp(error))
    return {
      says: `${at} cannot be reached from here: ${describeError(error)}`,
      todo: 'There is no route: check the route tables, and DNS_FAMILY where this network has no IPv6.',
    }
  if (code === 'ETIMEDOUT')
    return {
      says: `${at} takes the connection, and never answers TLS (${took(STEP_MS)} waited)`,
      todo: 'What listens there is stuck, or no HTTPS listener: check the port in BACKEND_ORIGIN and what is behind it.',
    }
  if (code === 'ECONNRESET')
    return {
      says: `${at} takes the connection, and ends it within TLS`,
      todo: 'What listens there wants no TLS, or not with this name: check the port in BACKEND_ORIGIN and what is behind it.',
    }
  return {
    says: `${at}: TLS fails: ${reasonOf(error)}`,
    todo: "See that the listener's security policy has TLS 1.2 or 1.3, and that it asks for no client certificate.",
  }
}
