/** They ask for nothing to be done, so nobody has to know whether it was (RFC 9110 §9.2.1). TRACE and CONNECT are refused before. */
export const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Done twice they come to the same (RFC 9110 §9.2.2). */
export const IDEMPOTENT: ReadonlySet<string> = new Set([...SAFE, 'PUT', 'DELETE'])

/** Those that are not answered with 405. */
export const ALLOW = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'
