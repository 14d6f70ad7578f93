import { refused } from './text.ts'

const PARAMETER = /(?<![\w*-])([\w-]+\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/g

/**
 * The account's name in Basic (RFC 7617) or Digest credentials (RFC 7616).
 * @throws GatewayError BAD_REQUEST where they name none, or Digest names two
 */
export function nameInAuthorization(authorization = ''): string | undefined {
  const [, scheme = '', rest = ''] = /^\s*(basic|digest)(?![\w-])(.*)$/is.exec(authorization) ?? []
  if (scheme === '') return undefined
  return scheme.toLowerCase() === 'basic' ? nameInBasic(rest) : nameInDigest(rest)
}

function nameInBasic(rest: string): string | undefined {
  const [, credentials] = /^[ \t]+([\w+/-]+=*)\s*$/.exec(rest) ?? []
  if (credentials === undefined) throw refused('no Basic credentials')
  return Buffer.from(credentials, 'base64').toString().split(':')[0]
}

function nameInDigest(rest: string): string | undefined {
  const names = [...rest.matchAll(PARAMETER)].filter(([, parameter = '']) => /^username\*?$/i.test(parameter))
  const [[, parameter = '', quoted, bare = ''] = []] = names
  if (names.length !== 1) throw refused('no Digest credentials')
  // Node reads the bytes of a header as Latin-1
  const name = Buffer.from(quoted?.replace(/\\(.)/g, '$1') ?? bare, 'latin1').toString()
  if (!parameter.endsWith('*')) return name
  const [, encoded = '%'] = /^utf-8'[\w-]*'(.+)$/i.exec(name) ?? []
  try {
    return decodeURIComponent(encoded)
  } catch {
    throw refused('no Digest credentials')
  }
}
