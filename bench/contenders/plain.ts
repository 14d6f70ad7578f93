import { fileURLToPath } from 'node:url'
import { nodeProgram } from './contender.ts'

const PROGRAM = fileURLToPath(new URL('plain-program.ts', import.meta.url))

export const plain = nodeProgram('plain recipe', () => [PROGRAM])
