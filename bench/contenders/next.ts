import { fileURLToPath } from 'node:url'
import type { Setup } from '../backend.ts'
import { nextStart } from '../site.ts'
import { nodeProgram, startNode } from './contender.ts'

const SYSTEM_DNS = fileURLToPath(new URL('system-dns.ts', import.meta.url))

const args = (port: string) => ['node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1', '-p', port]
const env = ({ backend }: Setup) => ({
  ...nextStart(backend.origin),
  NODE_OPTIONS: `--import=${SYSTEM_DNS}`,
})

export const startNext = (setup: Setup, port: string) => startNode(setup, port, args(port), env(setup))

/** Without anything in front, and with the rewrite of logins. */
export const next = nodeProgram('next start', (_stand, port) => args(port), env)
export const rewrites = { ...next, name: 'Next rewrites' }
