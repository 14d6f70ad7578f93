import type http from 'node:http'
import https from 'node:https'
import type { TestContext } from 'node:test'
import { examine } from '../command/doctor/doctor.ts'
import type { Finding, Report } from '../command/doctor/report.ts'
import type { Alb } from '../testing/alb.ts'
import type { DnsServer } from '../testing/dns.ts'
import type { Certificate } from '../testing/node.ts'
import { type BackendOptions, withBackend } from './backend.ts'
import { listening } from './listening.ts'

export type Patient = {
  alb: Alb
  dns: DnsServer
  env: Record<string, string>
  /** what the doctor finds, with these settings over the patient's own */
  examine(env?: Record<string, string>): Promise<Report>
}

/** Answers every request so, when it has come as a whole. */
export const answering =
  (status: number, headers: http.OutgoingHttpHeaders = {}): http.RequestListener =>
  (req, res) =>
    void req.resume().on('end', () => res.writeHead(status, headers).end())

/** An ALB of two nodes with its DNS, for the doctor; it ends with the test. */
export async function patient(t: TestContext, options: BackendOptions = {}): Promise<Patient> {
  const { alb, dns } = await withBackend(t, { ttl: 60, count: 2, ...options })
  const env = { BACKEND_ORIGIN: alb.origin, DNS_SERVERS: dns.address }
  return { alb, dns, env, examine: more => examine({ ...env, ...more }) }
}

/** The patient's name leads to a server with this certificate instead. */
export async function withCertificate(t: TestContext, { dns, alb }: Patient, certificate: Certificate) {
  const server = https.createServer(certificate, answering(200))
  const port = await listening(t, server)
  dns.list(alb.name, ['127.0.0.1'])
  return { BACKEND_ORIGIN: `https://${alb.name}:${port}` }
}

/** What was found of one check. */
export const about = ({ findings }: Report, check: Finding['check']): Finding[] =>
  findings.filter(each => each.check === check)

/** `resolver ok`, `name wrong`, …, in order. */
export const outline = ({ findings }: Report): string[] =>
  findings.map(({ check, result }) => `${check} ${result}`)
