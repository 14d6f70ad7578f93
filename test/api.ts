import http from 'node:http'
import { listening } from './listening.ts'

/** An API on plain HTTP at a port of loopback; it ends with the test. @returns its origin */
export const startApi = async (
  t: { after(end: () => void): void },
  handler: http.RequestListener,
): Promise<string> => `http://127.0.0.1:${await listening(t, http.createServer(handler))}`
