import type { Reaction } from '../../lib/backend/probe.ts'
import { describeReaction } from '../../lib/backend/probe.ts'

/** A certificate in a few words. */
export type CertificateFacts = {
  readonly names: readonly string[]
  /** how many more names it has */
  readonly more: number
  readonly issuer: string | undefined
  /** its last day */
  readonly end: string
  readonly daysLeft: number
}

const RIGHT_RESOLVER = 'Set DNS_SERVERS to the resolver of this network: in a VPC it is 169.254.169.253'
const NO_LOGIN =
  "Every login gets this, unless the API answers so only to an empty one: check that BACKEND_ORIGIN has the right host, that the ALB's listener has a rule for that host and path, and that BACKEND_PATHS names the path of the login."
const trust = (file: string | undefined) =>
  file
    ? `NODE_EXTRA_CA_CERTS is ${file}: check that this file has it`
    : 'Set NODE_EXTRA_CA_CERTS=/path/to/ca.pem to a file that has it (PEM)'
const named = ({ names, more }: CertificateFacts) =>
  names.length === 0 ? 'no name' : names.join(', ') + (more > 0 ? ` and ${more} more` : '')

/** Everything that the doctor says. Times come as texts (`25 ms`). */
export const english = {
  report: {
    title: (backend: string | null, time: string) =>
      `Gatehouse's doctor: ${backend ?? 'no backend'}, as seen from here at ${time}`,
    results: { ok: 'ok', warning: 'warning', wrong: 'wrong', skipped: 'skipped' },
    well: 'All is well.',
    warned: (warnings: number) =>
      `No check failed, but ${warnings === 1 ? 'there is 1 warning' : `there are ${warnings} warnings`}. The lines with → say what to do.`,
    wrong: (checks: string, warnings: number) =>
      `Wrong: ${checks}${warnings === 0 ? '' : `, ${warnings} warning${warnings === 1 ? '' : 's'}`}. The lines with → say what to do.`,
  },
  skipped: {
    mistakes: 'since the settings have mistakes',
    noAddress: 'since there is no address',
    noConnection: 'since no address can be connected to',
    certificate: 'since nothing is sent where the certificate does not fit',
    plain: 'since plain HTTP has none',
    noResolver: 'since no resolver answers',
    noAnswer: 'since no request was answered',
    replayOff: 'since REPLAY is off',
    noDate: 'since the backend sends no Date',
  },
  settings: {
    good: (count: number) => `${count} set, no mistakes`,
    also: (names: string) => `also set: ${names}`,
    routes: (file: string) =>
      `routes from ${file} (BACKEND_ORIGIN and BACKEND_PATHS, where a check names them, are \`to\` and \`path\` of a route):`,
    mistakes: (count: number) => (count === 1 ? '1 mistake' : `${count} mistakes`),
    noOrigin: 'Set BACKEND_ORIGIN to where the API is, such as BACKEND_ORIGIN=https://api.dev.jp.',
    explained:
      'Settings are environment variables of the task; `npx gatehouse config`, in the container `node dist/front.mjs config`, explains each.',
    extraCa: (file: string, isRead: boolean) => ({
      says: `NODE_EXTRA_CA_CERTS is ${file}: ${isRead ? 'no certificate in PEM form is in it' : 'this file cannot be read'}`,
      todo: 'Put the certificate of the private CA there, as PEM, or unset NODE_EXTRA_CA_CERTS: Node ignores such a file.',
    }),
    unverified: {
      says: 'NODE_TLS_REJECT_UNAUTHORIZED is 0: pages verify no certificate; Gatehouse verifies that of the API all the same',
      todo: 'Unset it. A private CA is trusted with NODE_EXTRA_CA_CERTS.',
    },
  },
  dns: {
    systems: "the system's",
    answers: (resolver: string, time: string) => `${resolver} answers in ${time}`,
    fails: (resolver: string, failure: string) => `${resolver} ${failure}`,
    another: (isOwn: boolean) =>
      `Another resolver answers, so logins go on; but DNS is slower while this one is asked, too. Take it out of ${isOwn ? 'DNS_SERVERS' : "the system's resolvers, or set DNS_SERVERS"}, or bring it back.`,
    refused: {
      says: 'cannot be reached: nothing listens there, or no route leads to it',
      todo: `${RIGHT_RESOLVER}.`,
    },
    silent: (time: string) => ({
      says: `is silent: no answer in ${time}`,
      todo: `${RIGHT_RESOLVER}. If that is set, let UDP and TCP port 53 through to it (network ACLs, security groups).`,
    }),
    servfail: (name: string) => ({
      says: `answers SERVFAIL: it could not resolve ${name}`,
      todo: 'The resolver can be reached, and cannot resolve the name itself: check the zone of this name, its delegation and the forwarding rules.',
    }),
    denied: {
      says: 'refuses to answer this machine',
      todo: `${RIGHT_RESOLVER}; or let that resolver answer this network.`,
    },
    other: (cause: string) => ({
      says: `cannot be asked: ${cause}`,
      todo: 'Check that DNS_SERVERS names a resolver that this machine can reach.',
    }),
    inFile: (file: string, name: string) => `${file} names ${name}, so DNS is not asked`,
    notNeeded: (name: string) => `${name} needs no DNS`,
    fromFile: (addresses: string, file: string) => `${addresses}, from ${file}`,
    literal: (addresses: string) => `${addresses}, which needs no DNS`,
    otherFamilyInFile: (file: string, addresses: string, family: string) =>
      `${file} has only ${addresses}, and DNS_FAMILY is ${family}`,
    notInFile: (file: string) => `${file} does not name it either`,
    found: (name: string, found: string | undefined, count: number, ttl: number, cached?: number) =>
      `${found ? `${name} is ${found} by the search list, and` : name} has ${count === 1 ? '1 address' : `${count} addresses`}, TTL ${ttl} s${cached === undefined ? '' : `, cached for ${cached} s (DNS_MAX_TTL)`}`,
    ignorant: (servers: string) => `${servers} does not know the name`,
    disagree:
      'The resolvers disagree, and Gatehouse takes the first answer: take the one that does not know the name out of DNS_SERVERS.',
    otherFamily: (name: string, other: string, family: string) => ({
      says: `${name} has IPv${other} addresses only, and DNS_FAMILY is ${family}`,
      todo: `Set DNS_FAMILY=${other}, or DNS_FAMILY=both.`,
    }),
    unknown: (names: string, servers: string, file: string) => ({
      says: `${names} does not exist, or has no address, says ${servers}; ${file}`,
      todo: 'Check the spelling in BACKEND_ORIGIN. A name of a private hosted zone is known only to the resolver of a VPC that the zone is associated with: check that DNS_SERVERS asks that one.',
    }),
  },
  connection: {
    good: (at: string, tcp: string, secured: string | undefined) =>
      `${at}: TCP in ${tcp}${secured === undefined ? '' : `, ${secured}`}`,
    tls: (protocol: string, time: string) => `${protocol} in ${time}`,
    slow: (says: string, patience: string) => ({
      says: `${says}: longer than CONNECT_TIMEOUT (${patience}), so no login gets there`,
      todo: 'Find out why the connection is slow (CPU of this task, another region, a peering), or raise CONNECT_TIMEOUT.',
    }),
    another: 'Logins go to another address, which works (failover).',
    badCertificate: (at: string, protocol: string) =>
      `${at}: TCP, ${protocol}; its certificate is refused, see below`,
    plain: (at: string, port: number) => ({
      says: `${at} speaks plain HTTP, and BACKEND_ORIGIN says https`,
      todo: `Use the port of the ALB's HTTPS listener in BACKEND_ORIGIN (443 needs none), or make this listener HTTPS. Only where passwords may cross the network unencrypted: BACKEND_ORIGIN=http://… with port ${port}.`,
    }),
    refused: (at: string, port: number) => ({
      says: `${at} refuses the connection: nothing listens on this port`,
      todo: `Check the port in BACKEND_ORIGIN, and that the ALB has a listener on ${port}.`,
    }),
    dropped: (at: string, port: number, waited: string) => ({
      says: `${at} does not answer: packets are dropped (${waited} waited)`,
      todo: `Let port ${port} through: the ALB's security group must accept it from this task's, this task's must let it out; then network ACLs, and the routes between the subnets.`,
    }),
    noRoute: (at: string, cause: string) => ({
      says: `${at} cannot be reached from here: ${cause}`,
      todo: 'There is no route: check the route tables, and DNS_FAMILY where this network has no IPv6.',
    }),
    noTls: (at: string, waited: string) => ({
      says: `${at} accepts the connection, but does not answer the TLS handshake (${waited} waited)`,
      todo: 'What listens there hangs, or is no HTTPS listener: check the port in BACKEND_ORIGIN and what is behind it.',
    }),
    reset: (at: string) => ({
      says: `${at} accepts the connection, and closes it during the TLS handshake`,
      todo: 'What listens there takes no TLS, or none for this name: check the port in BACKEND_ORIGIN and what is behind it.',
    }),
    tlsFails: (at: string, cause: string) => ({
      says: `${at}: TLS fails: ${cause}`,
      todo: "Check that the listener's security policy has TLS 1.2 or 1.3, and that it asks for no client certificate.",
    }),
  },
  certificate: {
    none: {
      says: 'there is none',
      todo: 'Check what listens there: an HTTPS listener has a certificate.',
    },
    facts: (facts: CertificateFacts) =>
      `for ${named(facts)}; issued by ${facts.issuer ?? 'an issuer without a name'}; expires ${facts.end} (${
        facts.daysLeft < 0 ? 'expired' : facts.daysLeft === 1 ? '1 day left' : `${facts.daysLeft} days left`
      })`,
    endsSoon:
      'It expires soon, and every login fails from then on: check that it is renewed (ACM renews it as long as its DNS record exists).',
    otherName: (facts: CertificateFacts, name: string) => ({
      says: `it is for ${named(facts)}, not for ${name}`,
      todo: `Give the ALB's listener a certificate for ${name}, or put a name of the certificate into BACKEND_ORIGIN. If only one of several addresses shows this, that address belongs to someone else now, and DNS still names it.`,
    }),
    expired: (at: string) => ({
      says: `it expired at ${at}`,
      todo: "Renew it (in ACM: find out why the renewal failed), and check that this machine's clock is right.",
    }),
    notYet: (from: string) => ({
      says: `it is valid only from ${from} on`,
      todo: "Check that this machine's clock is right: it may be behind.",
    }),
    selfSigned: (extraCa: string | undefined) => ({
      says: 'it is self-signed, and not trusted here',
      todo: `Give the listener a certificate of a CA (ACM, or a private one). To trust this very certificate: ${trust(extraCa)}.`,
    }),
    unknownCa: (issuer: string | undefined, extraCa: string | undefined) => ({
      says: `it is from a CA that is not trusted here: ${issuer ?? 'its name is missing'}`,
      todo: `The certificate of a private CA has to be trusted here. ${trust(extraCa)}. With a public CA, the backend does not send the intermediate certificate: add it there.`,
    }),
    unverified: (code: string) => ({
      says: `its chain does not verify: ${code}`,
      todo: 'Ask the issuer to check the certificate and its chain (intermediate certificates).',
    }),
  },
  request: {
    head: (path: string, address: string, answer: string) => `HEAD ${path} to ${address}: ${answer}`,
    post: (path: string, answer: string) => `POST ${path} without a name and a password: ${answer}`,
    status: (status: number, time: string) => `${status} in ${time}`,
    redirected: (says: string, origin: string) => `${says}, to ${origin}`,
    noAnswerWithin: (time: string) => `no answer within ${time}`,
    tls: (at: string, origin: string) => ({
      says: `${at} speaks TLS, and BACKEND_ORIGIN says http`,
      todo: `Set BACKEND_ORIGIN=${origin}.`,
    }),
    noAnswer:
      "The connection works, and the API does not answer: check the ALB's targets, and the API's own log.",
    serverError: (status: number) =>
      `HTTP gets through; the ${status} comes from the backend: check the health of the ALB's targets, and the API's log.`,
    wantsHttps:
      'The backend wants HTTPS, and a login would be redirected: set BACKEND_ORIGIN to that origin.',
    noAnswerToPost:
      "HEAD is answered and POST is not: check the API's log, and what is between (a firewall, WAF).",
    elsewhere:
      'A login would be sent to another host. Where logins are not meant to go there (single sign-on), check the rules of the ALB, and whether BACKEND_ORIGIN is the right one.',
    noLogin: NO_LOGIN,
    defaultRule: `This looks like the default rule of an ALB, or like WAF, rather than like the API, and then the API sees no login. ${NO_LOGIN}`,
    asExpected: (says: string) => `${says}, which is normal for an API`,
    reaction: (address: string, reaction: Reaction) => `${address} ${describeReaction(reaction).en}`,
    noContinue:
      'No login is lost or executed twice by that, but each takes a new connection: find out what is between (a proxy, WAF) and why it does not accept Expect: 100-continue. With REPLAY=off Gatehouse no longer sends Expect: 100-continue, but a login fails if its pooled connection is closed at that moment.',
    sameClock: "the same as the backend's, to about a second",
    otherClock: (time: string, isAhead: boolean) =>
      `${time} ${isAhead ? 'ahead of' : 'behind'} the backend's`,
    wrongClock:
      'Certificates and cookies expire by the clock: find out which of the two clocks is wrong, and set it by NTP (169.254.169.123 in AWS).',
  },
  collector: {
    answer: (url: string, answer: string) => `POST ${url}: ${answer}`,
    withoutHeaders: (says: string) => `${says}, without OTEL_EXPORTER_OTLP_HEADERS`,
    noReceiver: (origin: string) =>
      `It answers, but accepts no traces: check that ${origin} is the OTLP/HTTP receiver of a collector, usually on port 4318.`,
    away: "No span arrives; logins go on. Check that the collector runs, that OTEL_EXPORTER_OTLP_ENDPOINT is its port for HTTP (4318; gRPC's is 4317), and that security groups let this task reach it. OTEL_SDK_DISABLED=true turns traces off.",
  },
}

export type Texts = typeof english
