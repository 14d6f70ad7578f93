import { once } from 'node:events'
import type http from 'node:http'
import https from 'node:https'
import type net from 'node:net'
import type { TestContext } from 'node:test'
import { examine } from '../command/doctor/doctor.ts'
import type { Finding, Report } from '../command/doctor/report.ts'
import { type Alb, startAlb } from '../demo/alb.ts'
import { type DnsServer, startDns } from '../demo/dns.ts'
import type { Certificate } from '../demo/node.ts'
import { authority } from './stage.ts'

export type Patient = {
  alb: Alb
  dns: DnsServer
  env: Record<string, string>
  /** what the doctor finds, with these settings over the patient's own */
  examine(env?: Record<string, string>): Promise<Report>
}

type Options = { handler?: http.RequestListener; secure?: boolean; ttl?: number }

const answer: http.RequestListener = (req, res) => void req.resume().on('end', () => res.end())

/** An ALB of two nodes with its DNS, for the doctor; it ends with the test. */
export async function patient(t: TestContext, options: Options = {}): Promise<Patient> {
  const { handler = answer, secure = true, ttl = 60 } = options
  const dns = await startDns()
  const alb = await startAlb({ handler, dns, ttl, count: 2, ...(secure && { authority }) })
  t.after(async () => {
    await alb.close()
    await dns.close()
  })
  const env = { BACKEND_ORIGIN: alb.origin, DNS_SERVERS: dns.address }
  return { alb, dns, env, examine: more => examine({ ...env, ...more }) }
}

/** The patient's name leads to a server with this certificate instead. */
export async function withCertificate(t: TestContext, { dns, alb }: Patient, certificate: Certificate) {
  const server = https.createServer(certificate, answer)
  const port = await listening(t, server)
  dns.list(alb.name, ['127.0.0.1'])
  return { BACKEND_ORIGIN: `https://${alb.name}:${port}` }
}

/** Listens on loopback until the test ends. */
export async function listening(t: TestContext, server: net.Server): Promise<number> {
  const sockets = new Set<net.Socket>()
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket.on('error', () => {}))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const bound = server.address()
  return typeof bound === 'object' && bound ? bound.port : 0
}

/** What was found of one check. */
export const about = ({ findings }: Report, check: Finding['check']): Finding[] =>
  findings.filter(each => each.check === check)

/** `resolver ok`, `name wrong`, …, in order. */
export const outline = ({ findings }: Report): string[] =>
  findings.map(({ check, result }) => `${check} ${result}`)
