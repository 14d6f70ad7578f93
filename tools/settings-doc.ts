import { describeSettings } from '../lib/settings/schema.ts'

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
