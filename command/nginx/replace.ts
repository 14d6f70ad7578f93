import { quoted } from './config-text.ts'
import type { Texts } from './english.ts'
import type { Finding } from './finding.ts'

/** What takes the place of what is not carried over, ready to be copied; empty where there is nothing. */
export function inReplacements(findings: readonly Finding[], texts: Texts['report']): string {
  const rules = [
    ...new Set(findings.flatMap(({ becomes }) => (becomes?.in === 'listener rule' ? [becomes.rule] : []))),
  ]
  const parts = [inNextConfig(findings, texts)]
  if (rules.length > 0) parts.push(`${texts.rules}\n${rules.map(each => `  ${each}\n`).join('')}`)
  return parts.filter(each => each !== '').join('\n')
}

function inNextConfig(findings: readonly Finding[], texts: Texts['report']): string {
  const bySource = new Map<string, Map<string, string>>()
  const redirects: string[] = []
  const rewrites: string[] = []
  for (const { becomes } of findings) {
    if (becomes?.in === 'headers') {
      const { source, key, value } = becomes
      bySource.set(source, (bySource.get(source) ?? new Map<string, string>()).set(key, value))
    } else if (becomes?.in === 'redirects') {
      const { source, destination, statusCode } = becomes
      redirects.push(
        `      { source: ${quoted(source)}, destination: ${quoted(destination)}, statusCode: ${statusCode} },\n`,
      )
    } else if (becomes?.in === 'rewrites') {
      const { source, destination } = becomes
      rewrites.push(`      { source: ${quoted(source)}, destination: ${quoted(destination)} },\n`)
    }
  }
  const headers = [...bySource].map(
    ([source, pairs]) =>
      `      { source: ${quoted(source)}, headers: [${[...pairs].map(([key, value]) => `{ key: ${quoted(key)}, value: ${quoted(value)} }`).join(', ')}] },\n`,
  )
  const functions = [
    ['headers', headers],
    ['redirects', redirects],
    ['rewrites', rewrites],
  ] as const
  const written = functions.flatMap(([name, lines]) =>
    lines.length === 0 ? [] : [`  async ${name}() {\n    return [\n${lines.join('')}    ]\n  },\n`],
  )
  return written.length === 0 ? '' : `${texts.nextConfig}\n${written.join('')}`
}
