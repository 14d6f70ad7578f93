import { nextStart } from '../site.ts'
import type { Stand } from '../stand.ts'
import { nodeProgram, startNode } from './contender.ts'

/** Next looks names up by the system alone: the rewrite goes to an address that the certificate names, too. */
export const rewriteTo = (addresses: readonly string[], port: number) => `https://${addresses[0]}:${port}`

const args = (port: string) => ['node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1', '-p', port]
const env = ({ backend }: Stand) => nextStart(rewriteTo(backend.addresses, backend.port))

export const startNext = (stand: Stand, port: string) => startNode(stand, port, args(port), env(stand))

/** Without anything in front, and with the rewrite of logins. */
export const next = nodeProgram('next start', (_stand, port) => args(port), env)
export const rewrites = { ...next, name: 'Next rewrites' }
