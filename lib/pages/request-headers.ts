import type { IncomingMessage } from 'node:http'

/** By so many bytes at most the front's own headers make the head of a request larger. */
export const ADDED = 16 * 1024

/** Admission has left what may be passed on. As a flat list, which Node sends without looking at it a second time. */
export function requestHeaders({ headers }: IncomingMessage): string[] {
  const list: string[] = []
  for (const name in headers) {
    const value = headers[name]
    if (typeof value === 'string') list.push(name, value)
    else for (const each of value ?? []) list.push(name, each)
  }
  // HTTP/1.0 may do without, HTTP/1.1 may not; to a flat list Node adds none
  if (headers.host === undefined) list.push('host', 'localhost')
  return list
}
