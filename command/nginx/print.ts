import { parseArgs } from 'node:util'
import type { Language } from '../../lib/http/accept.ts'
import type { Texts } from './english.ts'
import type { Finding } from './finding.ts'
import { isTakenOver, readNginx, TEXTS } from './from-nginx.ts'
import { inReplacements } from './replace.ts'

const KINDS: readonly Finding['kind'][] = ['guarded', 'lost', 'look', 'same', 'set']

/**
 * @param language of what is said to a person, comments in gatehouse.config.ts included
 * @returns the exit code
 * @throws what readNginx does; an Error at an option that is no origin
 */
export function fromNginx(args: readonly string[], language: Language = 'en'): number {
  const texts = TEXTS[language]
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
    process.stderr.write(texts.usage)
    return values.help ? 0 : 1
  }
  const reading = readNginx(file, {
    language,
    server: values.server,
    pages: originOf('pages', values.pages, texts),
    backend: originOf('backend', values.backend, texts),
    publicOrigins: values['public-origin']
      ?.split(',')
      .flatMap(each => originOf('public-origin', each.trim(), texts) ?? []),
  })
  const { env, config, findings, missing } = reading
  const lines = inLines(env)
  process.stdout.write(
    values.json ? inJson(env) : config === undefined ? lines : inFile(config, lines, texts.report),
  )
  if (config !== undefined) process.stderr.write(`${texts.report.file}\n`)
  const quotedNames = values.json
    ? []
    : Object.keys(env).filter(each => quoted(env[each] ?? '') !== env[each])
  if (quotedNames.length > 0) process.stderr.write(`${texts.report.quoted(quotedNames.join(', '))}\n`)
  process.stderr.write(reportOf(findings, missing, texts.report))
  return isTakenOver(reading) ? 0 : 1
}

/** The file, with the environment that belongs to it. */
function inFile(config: string, lines: string, texts: Texts['report']): string {
  const variables = lines.replace(/^(?=.)/gm, '//   ')
  return lines === '' ? config : `// ${texts.variables}\n${variables}${config}`
}

function originOf(option: string, text: string | undefined, texts: Texts): string | undefined {
  if (text === undefined) return undefined
  const url = /^https?:\/\//.test(text) ? URL.parse(text) : null
  if (!url) throw new Error(texts.report.noOrigin(option, text))
  return url.origin
}

function inJson(env: Readonly<Record<string, string>>): string {
  const list = Object.entries(env).map(([name, value]) => ({ name, value }))
  return `${JSON.stringify(list, null, 2)}\n`
}

/** For `set -a; . ./file` and for env files alike: those take quotes as they are, so there are none without need. */
const quoted = (value: string) =>
  /^[\w.,:/@%+=[\]-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`

function inLines(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => `${name}=${quoted(value)}\n`)
    .join('')
}

/** What is said of several directives is said once. */
function reportOf(findings: readonly Finding[], missing: readonly string[], texts: Texts['report']): string {
  const parts = KINDS.flatMap(kind => {
    const said = new Map<string, { at: Set<string>; what: Set<string> }>()
    for (const { at, what, remark } of findings.filter(each => each.kind === kind)) {
      const all = said.get(remark) ?? { at: new Set(), what: new Set() }
      said.set(remark, { at: all.at.add(at), what: all.what.add(what) })
    }
    const lines = [...said].map(
      ([remark, { at, what }]) => `${texts.line([...at].join(', '), [...what].join(', '), remark)}\n`,
    )
    return lines.length === 0 ? [] : [`${texts.titles[kind]}\n${lines.join('')}`]
  })
  const replacements = inReplacements(findings, texts)
  if (replacements !== '') parts.push(replacements)
  const wanting = missing.map(each => `  ${each}\n`)
  if (wanting.length > 0) parts.push(`${texts.missing}\n${wanting.join('')}`)
  return `\n${parts.join('\n')}`
}
