/** Where the front is in its life; written by server.ts and stopping.ts, read by the listener and the health checks. */
export type Life = { phase: 'starting' | 'ready' | 'stopping' }
