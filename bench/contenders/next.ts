import type { Setup } from '../backend.ts'
import { nextStart } from '../site.ts'
import { nodeProgram, startNode } from './contender.ts'

/** Next looks names up by the system alone: the rewrite goes to an address that the certificate names, too. */
export const rewriteTo = (addresses: readonly string[], port: number) => `https://${addresses[0]}:${port}`

const args = (port: string) => ['node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1', '-p', port]
const env = ({ backend }: Setup) => nextStart(rewriteTo(backend.addresses, backend.port))

export const startNext = (setup: Setup, port: string) => startNode(setup, port, args(port), env(setup))

/** Without anything in front, and with the rewrite of logins. */
export const next = nodeProgram('next start', (_stand, port) => args(port), env)
export const rewrites = { ...next, name: 'Next rewrites' }
