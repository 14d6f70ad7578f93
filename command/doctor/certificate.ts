import tls from 'node:tls'
import type { Reached } from './connection.ts'
import type { CertificateFacts, Texts } from './english.ts'
import type { Finding } from './report.ts'

const DAY_MS = 86_400_000
/** A certificate that ends sooner is worth a warning. */
const SOON_DAYS = 30
const NAMES_SHOWN = 3

type Certificate = tls.DetailedPeerCertificate
type Problem = { says: string; todo: string }

/**
 * What the addresses show for a certificate, one finding for each that is different.
 * @param name the name, or the IP literal, that it must be for
 * @param extraCa NODE_EXTRA_CA_CERTS
 * @returns `good`: the addresses that a login may be sent to
 */
export function checkCertificates(
  reached: readonly Reached[],
  name: string,
  extraCa: string | undefined,
  texts: Texts['certificate'],
) {
  const different = Map.groupBy(reached, each => each.certificate?.fingerprint256)
  const findings: Finding[] = []
  const good: string[] = []
  for (const group of different.values()) {
    const { certificate, distrust } = group[0] ?? {}
    const addresses = group.map(each => each.address)
    const prefix = different.size > 1 ? `${addresses.join(', ')}: ` : ''
    if (!certificate?.valid_to) {
      const { says, todo } = texts.none
      findings.push({ check: 'certificate', result: 'wrong', says: prefix + says, todo })
      continue
    }
    const problems = problemsOf(certificate, distrust, name, extraCa, texts)
    if (problems.length === 0) good.push(...addresses)
    findings.push(inOne(problems, certificate, prefix, texts))
  }
  return { findings, good }
}

function inOne(
  problems: Problem[],
  certificate: Certificate,
  prefix: string,
  texts: Texts['certificate'],
): Finding {
  const check = 'certificate'
  const facts = texts.facts(factsOf(certificate))
  if (problems.length > 0) {
    const todo = problems.map(each => each.todo).join(' ')
    return {
      check,
      result: 'wrong',
      says: prefix + problems.map(each => each.says).join('; '),
      details: [facts],
      todo,
    }
  }
  const days = daysLeft(certificate)
  if (days > SOON_DAYS) return { check, result: 'ok', says: prefix + facts }
  return { check, result: 'warning', says: prefix + facts, todo: texts.endsSoon }
}

const daysLeft = ({ valid_to }: Certificate) => Math.floor((Date.parse(valid_to) - Date.now()) / DAY_MS)

/** Names of the field are one text or several. */
const first = (text: string | string[] | undefined) => (Array.isArray(text) ? text[0] : text)

const issuerOf = ({ issuer }: Certificate): string | undefined => first(issuer?.CN) ?? first(issuer?.O)

function factsOf(certificate: Certificate): CertificateFacts {
  const { subject, subjectaltname, valid_to } = certificate
  const alternatives = subjectaltname?.split(', ').map(each => each.replace(/^(DNS|IP Address):/, ''))
  const names = alternatives ?? [first(subject?.CN)].filter(each => each !== undefined)
  return {
    names: names.slice(0, NAMES_SHOWN),
    more: Math.max(0, names.length - NAMES_SHOWN),
    issuer: issuerOf(certificate),
    end: new Date(valid_to).toISOString().slice(0, 10),
    daysLeft: daysLeft(certificate),
  }
}

function problemsOf(
  certificate: Certificate,
  distrust: string | undefined,
  name: string,
  extraCa: string | undefined,
  texts: Texts['certificate'],
): Problem[] {
  const problems: Problem[] = []
  if (tls.checkServerIdentity(name, certificate)) problems.push(texts.otherName(factsOf(certificate), name))
  if (Date.parse(certificate.valid_to) < Date.now())
    problems.push(texts.expired(new Date(certificate.valid_to).toISOString()))
  else if (Date.parse(certificate.valid_from) > Date.now())
    problems.push(texts.notYet(new Date(certificate.valid_from).toISOString()))
  const chain = distrust === undefined ? undefined : chainProblem(distrust, certificate, extraCa, texts)
  if (chain) problems.push(chain)
  // what is over may be another certificate of the chain
  if (distrust !== undefined && problems.length === 0) problems.push(texts.unverified(distrust))
  return problems
}

/** OpenSSL reports one reason; the time and the name are checked separately. */
function chainProblem(
  code: string,
  certificate: Certificate,
  extraCa: string | undefined,
  texts: Texts['certificate'],
): Problem | undefined {
  switch (code) {
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return texts.selfSigned(extraCa)
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'CERT_SIGNATURE_FAILURE':
    case 'CERT_UNTRUSTED':
      return texts.unknownCa(issuerOf(certificate), extraCa)
    default:
      return texts.unverified(code)
  }
}
