import type { Look } from './body-fields.ts'
import { checkCharset, refused } from './text.ts'

const DECLARATION = /^\s*<\?xml\s[^<>?]*\?>/i
/** Whether it closes, its name, its attributes, whether it is empty. An attribute with `<` or `>` in its value is none here. */
const TAG =
  /<(\/?)(?:[^\s<>/"'?:]*:)?([^\s<>/"'?:]+)((?:\s+[^\s<>/="']+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))*)\s*(\/?)>/g
const ATTRIBUTE = /\s([^\s:=]+:)?([^\s:=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g

/**
 * Looks at elements and attributes by their names. What a reader would have to resolve or to put together first is refused: entities, CDATA,
 * comments, processing instructions, text beside elements.
 * @throws GatewayError BAD_REQUEST
 */
export function lookIntoXml(text: string, look: Look): void {
  const [declaration = ''] = DECLARATION.exec(text) ?? []
  const [, charset = 'utf-8'] = /encoding\s*=\s*["']([^"']*)/i.exec(declaration) ?? []
  checkCharset(charset)
  const content = text.slice(declaration.length)
  if (/<[!?]|&/.test(content)) throw refused('XML with markup that hides text')
  let at = 0
  /** of the element that has just begun */
  let begun: string | undefined
  for (const { 0: tag, 1: closes, 2: name, 3: attributes = '', 4: isEmpty, index } of content.matchAll(TAG)) {
    const before = content.slice(at, index)
    at = index + tag.length
    if (begun !== undefined && closes) look(checked(before), begun)
    else if (checked(before).trim() !== '') throw refused('XML with text beside elements')
    begun = closes || isEmpty ? undefined : name
    // `wsu:Id` names the element itself
    for (const [, prefix, field = '', double, single] of attributes.matchAll(ATTRIBUTE))
      if (prefix === undefined || !/^id$/i.test(field)) look(double ?? single, field)
  }
  if (checked(content.slice(at)).trim() !== '') throw refused('XML with text behind it')
}

function checked(text: string): string {
  if (/[<>]/.test(text)) throw refused('no valid XML')
  return text
}
