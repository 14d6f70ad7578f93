import type { IncomingMessage } from 'node:http'
import type { GatewayError } from '../http/errors.ts'
import type { Trace } from '../observe/outcome.ts'
import type { AttemptSpan } from '../observe/spans.ts'
import type { Body } from './body.ts'
import type { Attempt, Way } from './proof.ts'

/** One request on its way to the backend. */
export type Exchange = {
  readonly trace: Trace
  body?: Body
  /** how often it was handed to a connection, and the last time */
  tries: number
  attempt?: Attempt
  /** of the attempt under way */
  way?: Way
  /**
   * whether the next try gets a connection of its own. A machine that dies takes its idle connections with it, and their
   * resets may come a moment later
   */
  fresh?: boolean
  /** whether an attempt before may have been executed */
  begun?: boolean
  /** of the attempt under way */
  span?: AttemptSpan
  /** whose connection said nothing when it was asked whether it is there */
  silent?: string
  /** whether it was answered with 417 when the backend was asked first */
  refused?: boolean
  /** whose head was sent on */
  answer?: IncomingMessage
  failure?: GatewayError
}

/**
 * Where a request has its exchange while it is under way. Not in a Map: each time one whose entries come and go makes
 * itself a new table, the old one goes on pointing at it (for iterators). Once such a table is old, the quick collections
 * keep all that was ever in the next ones: 9 KB a login, 3 ms a pause. A WeakMap costs as much.
 */
export const EXCHANGE = Symbol('exchange')

declare module 'node:http' {
  interface IncomingMessage {
    [EXCHANGE]?: Exchange | undefined
  }
}
