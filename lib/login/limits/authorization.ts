import { refused } from './text.ts'

const USERNAME = /(?:^|[\s,])(username\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)/i

/**
 * The account's name in Basic (RFC 7617) or Digest credentials (RFC 7616).
 * @throws GatewayError BAD_REQUEST where they name none, or readers differ in which
 */
export function nameInAuthorization(authorization = ''): string | undefined {
  const [, scheme = '', rest = ''] = /^\s*(basic|digest)(?![\w-])(.*)$/is.exec(authorization) ?? []
  if (scheme === '') return undefined
  return scheme.toLowerCase() === 'basic' ? nameInBasic(rest) : nameInDigest(rest)
}

/** Not the `-` and `_` of base64url, which Node decodes, and PHP, Python, Ruby and Perl pass over. */
function nameInBasic(rest: string): string | undefined {
  const [, credentials] = /^[ \t]+([A-Za-z\d+/]+=*)\s*$/.exec(rest) ?? []
  if (credentials === undefined) throw refused('no Basic credentials')
  return Buffer.from(credentials, 'base64').toString().split(':')[0]
}

/** Rails and PHP look for `username` within the texts of other parameters, too, and Rails takes `'` out of a name. */
function nameInDigest(rest: string): string | undefined {
  const [, parameter = '', quoted, bare = ''] = USERNAME.exec(rest) ?? []
  const isEncoded = parameter.endsWith('*')
  const isOdd = !isEncoded && bare.includes("'")
  if (parameter === '' || isOdd || rest.match(/username/gi)?.length !== 1)
    throw refused('no Digest credentials')
  // Node reads the bytes of a header as Latin-1
  const written = Buffer.from(quoted?.replace(/\\(.)/g, '$1') ?? bare, 'latin1').toString()
  const name = isEncoded ? decoded(written) : written
  return name.replaceAll("'", '')
}

function decoded(name: string): string {
  const [, encoded = '%'] = /^utf-8'[\w-]*'(.+)$/i.exec(name) ?? []
  try {
    return decodeURIComponent(encoded)
  } catch {
    throw refused('no Digest credentials')
  }
}
