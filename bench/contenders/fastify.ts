import { fileURLToPath } from 'node:url'
import { nodeProgram } from './contender.ts'

const PROGRAM = fileURLToPath(new URL('fastify-program.ts', import.meta.url))

export const fastifyProxy = nodeProgram('@fastify/http-proxy', () => [PROGRAM])
