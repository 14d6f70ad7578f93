import type { Notes } from './finding.ts'
import { effective } from './scope.ts'
import type { SortedServer } from './sort-locations.ts'

/** Files with the public CAs, which Node brings along. */
const PUBLIC_CAS = /^\/etc\/(ssl|pki)\/.*(ca-certificates\.crt|ca-bundle\.crt|cert\.pem|tls-ca-bundle\.pem)$/

/** `proxy_ssl_*`: the backend's certificate. */
export function readTls({ backends }: SortedServer, notes: Notes): void {
  const texts = notes.texts.tls
  for (const { location, target } of backends) {
    const { scope, directive: at, path } = location
    const { protocol } = new URL(target.origin)
    if (protocol !== 'https:') continue
    const [verify] = effective(scope, 'proxy_ssl_verify')
    if (verify?.args[0] === 'on') notes.note('same', verify, texts.verified)
    else notes.note('look', verify ?? at, texts.unverified, verify ? verify.name : `location ${path}`)

    for (const directive of effective(scope, 'proxy_ssl_trusted_certificate')) {
      const [file = ''] = directive.args
      if (PUBLIC_CAS.test(file)) notes.note('same', directive, texts.publicCas)
      else notes.set('NODE_EXTRA_CA_CERTS', file, directive)
    }
    for (const directive of effective(scope, 'proxy_ssl_protocols')) {
      if (directive.args.every(each => /^TLSv1\.[23]$/.test(each)))
        notes.note('same', directive, texts.versions)
      else notes.note('look', directive, texts.oldVersions)
    }
  }
}
