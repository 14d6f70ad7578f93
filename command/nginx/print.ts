import { parseArgs } from 'node:util'
import type { Finding } from './finding.ts'
import { isTakenOver, readNginx } from './from-nginx.ts'
import { NginxSyntaxError } from './parse.ts'
import { inReplacements } from './replace.ts'

const USAGE = `from-nginx FILE [--server PORT|NAME] [--pages ORIGIN] [--backend ORIGIN] [--public-origin ORIGIN,…] [--json]

Reads Nginx's configuration and prints what Gatehouse needs on stdout: the environment where that is enough, as lines for a shell or
an env file; else gatehouse.config.ts, with the environment in its first lines. With --json it prints the environment alone, as an
ECS task definition has it. Everything else goes to stderr, with what takes its place.
FILE is nginx.conf, a file that it includes, or the output of \`nginx -T\`. --pages says where Next.js listened, --backend
where the API is: http://127.0.0.1:3000. --public-origin says how visitors reach the site, where server_name does not.
The exit code is 0 only where Gatehouse with what was printed behaves as the Nginx did.
`

const TITLES: readonly (readonly [Finding['kind'], string])[] = [
  ['guarded', 'Guarded by Nginx, and not here'],
  ['lost', 'Not carried over'],
  ['look', 'To be looked at'],
  ['same', 'Nothing to do'],
  ['set', 'Taken over'],
]

/** @returns the exit code */
export function fromNginx(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      server: { type: 'string' },
      pages: { type: 'string' },
      backend: { type: 'string' },
      'public-origin': { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0 || values.help) {
    process.stderr.write(USAGE)
    return values.help ? 0 : 1
  }
  try {
    const reading = readNginx(file, {
      server: values.server,
      pages: originOf('pages', values.pages),
      backend: originOf('backend', values.backend),
      publicOrigins: values['public-origin']
        ?.split(',')
        .flatMap(each => originOf('public-origin', each.trim()) ?? []),
    })
    const { env, config, findings, missing } = reading
    const lines = inLines(env)
    process.stdout.write(values.json ? inJson(env) : config === undefined ? lines : inFile(config, lines))
    if (config !== undefined) process.stderr.write(FILE)
    process.stderr.write(reportOf(findings, missing))
    return isTakenOver(reading) ? 0 : 1
  } catch (error) {
    if (
      !(error instanceof NginxSyntaxError) &&
      !(error instanceof UsageError) &&
      !(error instanceof Error && 'code' in error)
    )
      throw error
    process.stderr.write(`${error.message}\n`)
    return 1
  }
}

const FILE = `The routes need a file: what is printed is gatehouse.config.ts, beside next.config. The environment is in its first lines, and --json prints it.
`

/** The file, with the environment that belongs to it. */
function inFile(config: string, lines: string): string {
  const variables = lines.replace(/^(?=.)/gm, '//   ')
  return lines === ''
    ? config
    : `// Beside next.config; with it belong these variables of the environment:\n${variables}${config}`
}

class UsageError extends Error {}

function originOf(option: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new UsageError(`--${option} is ${text}; accepted: an origin, such as http://127.0.0.1:3000`)
  return new URL(text).origin
}

function inJson(env: Readonly<Record<string, string>>): string {
  const list = Object.entries(env).map(([name, value]) => ({ name, value }))
  return `${JSON.stringify(list, null, 2)}\n`
}

/** For `set -a; . ./file` and for env files alike: those take quotes as they are, so there are none without need. */
function inLines(env: Readonly<Record<string, string>>): string {
  const quoted = (value: string) =>
    /^[\w.,:/@%+=[\]-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`
  return Object.entries(env)
    .map(([name, value]) => `${name}=${quoted(value)}\n`)
    .join('')
}

/** What is said of several directives is said once. */
function reportOf(findings: readonly Finding[], missing: readonly string[]): string {
  const parts = TITLES.flatMap(([kind, title]) => {
    const said = new Map<string, { at: Set<string>; what: Set<string> }>()
    for (const { at, what, remark } of findings.filter(each => each.kind === kind)) {
      const all = said.get(remark) ?? { at: new Set(), what: new Set() }
      said.set(remark, { at: all.at.add(at), what: all.what.add(what) })
    }
    const lines = [...said].map(
      ([remark, { at, what }]) => `  ${[...at].join(', ')}  ${[...what].join(', ')}: ${remark}\n`,
    )
    return lines.length === 0 ? [] : [`${title}:\n${lines.join('')}`]
  })
  const replacements = inReplacements(findings)
  if (replacements !== '') parts.push(replacements)
  const wanting = missing.map(each => `  ${each}\n`)
  if (wanting.length > 0) parts.push(`This is not enough:\n${wanting.join('')}`)
  return `\n${parts.join('\n')}`
}
