import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus, release } from 'node:os'
import nextPackage from 'next/package.json' with { type: 'json' }
import { newer } from './newer.ts'

/** Programs of other packages that all of this needs. */
const PROGRAMS = { nginx: ['-v'], haproxy: ['-v'], wrk: ['-v'] }

const versionOf = (program: string, args: readonly string[]) => {
  const { stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
  return error ? undefined : /\d+\.\d+\.\d+/.exec(stdout + stderr)?.[0]
}

/** Names of programs that are not there. */
export const missing = () =>
  Object.entries(PROGRAMS)
    .filter(([name, args]) => versionOf(name, args) === undefined)
    .map(([name]) => name)

/** What the figures were measured on, a fact a line. */
export function machine(): string[] {
  const versions = Object.entries(PROGRAMS).map(([name, args]) => `${name} ${versionOf(name, args)}`)
  for (const name of ['nginx', 'haproxy'] as const) {
    const [command, ...words] = newer(name) ?? []
    if (command !== undefined) versions.push(`${name} ${versionOf(command, [...words, '-v'])}`)
  }
  return [
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores of ${cpus()[0]?.model.trim()}, Linux ${release()}`,
    `Node ${process.versions.node}, next ${nextPackage.version}, ${versions.join(', ')}`,
  ]
}
