import { BACKEND } from '../lib/settings/schema/backend.ts'
import { CLIENTS } from '../lib/settings/schema/clients.ts'
import { OBSERVE } from '../lib/settings/schema/observe.ts'
import { PAGES } from '../lib/settings/schema/pages.ts'
import { ROUTING } from '../lib/settings/schema/routing.ts'
import { describeSettings } from '../lib/settings/schema.ts'

const GROUPS = [
  ['routes and listeners', ROUTING],
  ['the API: DNS, connections, timeouts, sizes, retries', BACKEND],
  ['the site and its clients: origins, login limits, client address, HSTS', CLIENTS],
  ['pages and graceful shutdown', PAGES],
  ['metrics, traces, log', OBSERVE],
] as const

/** A setting's name, the facts that are printed, and what people wrote below them. */
const SECTION = /^([A-Z\d_]+)\n+(?:- \*\*.*\n)*\n*([\s\S]*)$/

/**
 * A page with what stands between `<!-- mark -->` and `<!-- /mark -->` printed anew.
 * @param print from what stands there now
 * @throws where there are no marks
 */
export function printInto(page: string, mark: string, print: (before: string) => string): string {
  const printed = new RegExp(`(?<=<!-- ${mark} -->\\n)[\\s\\S]*(?=\\n<!-- /${mark} -->)`)
  if (!printed.test(page)) throw new Error(`no <!-- ${mark} --> … <!-- /${mark} -->`)
  return page.replace(printed, before => print(before))
}

/** The sections of docs/settings.md: the facts as the schema has them, and below them what people wrote there before. */
export function settingsSections(before: string): string {
  const written = new Map(
    before.split(/^### /m).map(section => {
      const [, name = '', words = ''] = SECTION.exec(section) ?? []
      return [name, words.trim()]
    }),
  )
  const sections = describeSettings().map(({ name, initial, meaning, accepts }) =>
    [
      `### ${name}`,
      `- **means**: ${meaning}\n- **default**: ${initial === '' ? 'none' : `\`${initial}\``}\n- **accepts**: ${accepts}`,
      written.get(name) ?? '',
    ]
      .filter(part => part !== '')
      .join('\n\n'),
  )
  return `\n${sections.join('\n\n')}\n`
}

/** The index of docs/settings.md: each setting by its group, linked to its section. */
export function settingsIndex(): string {
  const rows = GROUPS.map(([group, settings]) => {
    const links = Object.keys(settings).map(name => `[\`${name}\`](#${name.toLowerCase()})`)
    return `| ${group} | ${links.join(', ')} |`
  })
  return ['| about | settings |', '| --- | --- |', ...rows].join('\n')
}

/** The table of docs/settings.ja.md, which has no sections. */
export function japaneseTable(): string {
  const rows = describeSettings('ja').map(
    ({ name, initial, meaning, accepts }) =>
      `| \`${name}\` | ${initial === '' ? '' : `\`${initial}\``} | ${meaning} | ${accepts} |`,
  )
  return ['| 変数 | 既定値 | 意味 | 指定できる値 |', '| --- | --- | --- | --- |', ...rows].join('\n')
}
