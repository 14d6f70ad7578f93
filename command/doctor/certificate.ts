import tls from 'node:tls'
import type { Reached } from './connection.ts'
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
export function checkCertificates(reached: readonly Reached[], name: string, extraCa: string | undefined) {
  const different = Map.groupBy(reached, each => each.certificate?.fingerprint256)
  const findings: Finding[] = []
  const good: string[] = []
  for (const group of different.values()) {
    const { certificate, distrust } = group[0] ?? {}
    const addresses = group.map(each => each.address)
    const prefix = different.size > 1 ? `${addresses.join(', ')}: ` : ''
    if (!certificate?.valid_to) {
      const todo = 'See what listens there: an HTTPS listener has a certificate.'
      findings.push({ check: 'certificate', result: 'wrong', says: `${prefix}there is none`, todo })
      continue
    }
    const problems = problemsOf(certificate, distrust, name, extraCa)
    if (problems.length === 0) good.push(...addresses)
    findings.push(inOne(problems, certificate, prefix))
  }
  return { findings, good }
}

function inOne(problems: Problem[], certificate: Certificate, prefix: string): Finding {
  const check = 'certificate'
  const facts = factsOf(certificate)
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
  return {
    check,
    result: 'warning',
    says: prefix + facts,
    todo: 'It ends soon, and every login fails from then on: see that it is renewed (ACM does so while its DNS record is there).',
  }
}

const daysLeft = ({ valid_to }: Certificate) => Math.floor((Date.parse(valid_to) - Date.now()) / DAY_MS)

/** Names of the field are one text or several. */
const first = (text: string | string[] | undefined) => (Array.isArray(text) ? text[0] : text)

function issuerOf({ issuer }: Certificate): string {
  return first(issuer?.CN) ?? first(issuer?.O) ?? 'nobody that it names'
}

function namesOf({ subject, subjectaltname }: Certificate): string {
  const names = subjectaltname?.split(', ').map(each => each.replace(/^(DNS|IP Address):/, '')) ?? []
  if (names.length === 0) return first(subject?.CN) ?? 'no name'
  const more = names.length - NAMES_SHOWN
  return names.slice(0, NAMES_SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

function factsOf(certificate: Certificate): string {
  const days = daysLeft(certificate)
  const end = new Date(certificate.valid_to).toISOString().slice(0, 10)
  const left = days < 0 ? 'over' : days === 1 ? '1 day left' : `${days} days left`
  return `for ${namesOf(certificate)}; issued by ${issuerOf(certificate)}; ends ${end} (${left})`
}

function problemsOf(
  certificate: Certificate,
  distrust: string | undefined,
  name: string,
  extraCa: string | undefined,
): Problem[] {
  const problems: Problem[] = []
  if (tls.checkServerIdentity(name, certificate))
    problems.push({
      says: `it is for ${namesOf(certificate)}, not for ${name}`,
      todo:
        `Give the ALB's listener a certificate for ${name}, or put its name into BACKEND_ORIGIN. If only one of several ` +
        'addresses shows this, that address belongs to someone else now, and DNS still names it.',
    })
  if (Date.parse(certificate.valid_to) < Date.now())
    problems.push({
      says: `it expired at ${new Date(certificate.valid_to).toISOString()}`,
      todo: "Renew it (in ACM: see why the renewal failed), and see that this machine's clock is right.",
    })
  else if (Date.parse(certificate.valid_from) > Date.now())
    problems.push({
      says: `it is valid only from ${new Date(certificate.valid_from).toISOString()} on`,
      todo: "See that this machine's clock is right: it may be behind.",
    })
  const chain = distrust === undefined ? undefined : chainProblem(distrust, certificate, extraCa)
  if (chain) problems.push(chain)
  // what is over may be another certificate of the chain
  if (distrust !== undefined && problems.length === 0) problems.push(unverified(distrust))
  return problems
}

/** OpenSSL reports one reason; the time and the name have been looked at by themselves. */
function chainProblem(
  code: string,
  certificate: Certificate,
  extraCa: string | undefined,
): Problem | undefined {
  const trust = extraCa
    ? `NODE_EXTRA_CA_CERTS is ${extraCa}: see that this file has it`
    : 'Set NODE_EXTRA_CA_CERTS=/path/to/ca.pem to a file that has it (PEM)'
  switch (code) {
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return {
        says: 'it is self-signed, and not trusted here',
        todo: `Give the listener a certificate of a CA (ACM, or a private one). To trust this very certificate: ${trust}.`,
      }
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'CERT_SIGNATURE_FAILURE':
    case 'CERT_UNTRUSTED':
      return {
        says: `it is from a CA that is not trusted here: ${issuerOf(certificate)}`,
        todo: `A private CA's own certificate has to be known here. ${trust}. With a public CA, the backend does not send the intermediate certificate: add it there.`,
      }
    default:
      return unverified(code)
  }
}

const unverified = (code: string): Problem => ({
  says: `its chain does not verify: ${code}`,
  todo: 'Have the certificate and those above it looked at by who issued them.',
})
