import { request } from './raw.ts'

/** A request as text, by a name that the admin listener takes for its own. */
export const toAdmin = (line: string, headers: readonly string[] = []) =>
  request(line, ['Host: localhost:4001', ...headers])
