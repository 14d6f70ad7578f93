import { isIP } from 'node:net'
import { generate } from 'selfsigned'

export type Validity = { notBefore?: Date; notAfter?: Date }

export type Authority = {
  /** The authority's own certificate, PEM. */
  ca: string
  /** A server certificate for these names; DNS names and IP literals. Valid from an hour ago, for 90 days. */
  issue(names: string[], validity?: Validity): Promise<{ key: string; cert: string }>
}

const HOUR = 3_600_000
// P-256: a certificate takes 2 ms instead of the 100 ms and more of RSA.
const EC = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const

/** A certificate authority that lives in memory, for the demo and the tests. */
export async function createAuthority(): Promise<Authority> {
  const root = await generate([{ name: 'commonName', value: 'Gatehouse demo CA' }], {
    ...EC,
    ...dates({}),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  return {
    ca: root.cert,
    async issue(names, validity = {}) {
      const issued = await generate([{ name: 'commonName', value: 'Gatehouse demo' }], {
        ...EC,
        ...dates(validity),
        ca: { key: root.private, cert: root.cert },
        extensions: [
          { name: 'basicConstraints', cA: false, critical: true },
          { name: 'keyUsage', digitalSignature: true, critical: true },
          { name: 'extKeyUsage', serverAuth: true },
          { name: 'subjectAltName', altNames: names.map(alternativeName) },
        ],
      })
      return { key: issued.private, cert: issued.cert }
    },
  }
}

// An hour back: a certificate of this very second is "not yet valid" to a clock that is a little behind.
function dates({ notBefore, notAfter }: Validity) {
  return {
    notBeforeDate: notBefore ?? new Date(Date.now() - HOUR),
    notAfterDate: notAfter ?? new Date(Date.now() + 90 * 24 * HOUR),
  }
}

function alternativeName(name: string) {
  return isIP(name) ? ({ type: 7, ip: name } as const) : ({ type: 2, value: name } as const)
}
