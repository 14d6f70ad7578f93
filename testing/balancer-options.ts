import type http from 'node:http'

export type BalancerOptions = {
  /** The origin of the app's real API in a test environment: `http://localhost:8080`. */
  target?: string
  /** An API of the test's own. Without `target` and `api` there is a demo API with one account. */
  api?: http.RequestListener
  /** How many nodes there are at first; 2, or 1 where this machine has too few loopback addresses. */
  nodes?: number
  /** How long DNS answers may be cached, in seconds; 60, as those of an AWS load balancer. */
  ttl?: number
  /** The loopback addresses that nodes may have; what the machine has if left out. */
  addresses?: readonly string[]
  /** Its port, where an origin has to be known before it starts (Next.js keeps rewrites as they were at the build); else a free one. */
  port?: number
}

/** Something that was done to the balancer, or that it met. */
export type BalancerEvent = {
  /** In epoch milliseconds. */
  readonly at: number
  /** A sentence. */
  readonly what: string
  /** Of an address change. */
  readonly fresh?: readonly string[]
  readonly old?: readonly string[]
  /** The `target`, where it could not be reached: the last time of several in a row. */
  readonly unreached?: string
}

/** Of an address change. */
export type ReplaceOptions = {
  /** How long DNS goes on listing the old addresses after they are gone, in ms; 500. 0: DNS changes first. */
  dnsLagMs?: number
  /** What the old addresses do with what is new: refuse it (the default), or drop its packets. */
  old?: 'refuse' | 'drop'
}
