import { pathOf } from './field-names.ts'
import { ATTRIBUTES, addField, addText, type Field } from './fields.ts'
import { checkCharset, refused } from './text.ts'

const DECLARATION = /^\s*<\?xml\s[^<>?]*\?>/i
/** Whether it closes, its name, its attributes, whether it is empty. An attribute with `<` or `>` in its value is none here. */
const TAG =
  /<(\/?)(?:[^\s<>/"'?:]*:)?([^\s<>/"'?:]+)((?:\s+[^\s<>/="']+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))*)\s*(\/?)>/g
const ATTRIBUTE = /\s([^\s:=]+:)?([^\s:=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g
/** A login has a few dozen; the time that a reader of them takes is bounded with them. */
const MOST_ELEMENTS = 1000

/**
 * Adds elements and attributes by their names. What a reader would have to resolve or to put together first is refused: entities, CDATA,
 * comments, processing instructions, text beside elements.
 * @throws GatewayError BAD_REQUEST
 */
export function addXml(top: Field, text: string): void {
  const [declaration = ''] = DECLARATION.exec(text) ?? []
  const [, charset = 'utf-8'] = /encoding\s*=\s*["']([^"']*)/i.exec(declaration) ?? []
  checkCharset(charset)
  const content = text.slice(declaration.length)
  if (/<[!?]|&/.test(content)) throw refused('XML with markup that hides text')
  let at = 0
  let field = top
  /** whether the element has just begun, so that text may follow */
  let isBegun = false
  let elements = 0
  for (const { 0: tag, 1: closes, 2: name = '', 3: attributes = '', 4: isEmpty, index } of content.matchAll(
    TAG,
  )) {
    const before = checked(content.slice(at, index))
    at = index + tag.length
    if (isBegun && closes) addText(field, before)
    else if (before.trim() !== '') throw refused('XML with text beside elements')
    isBegun = !closes && !isEmpty
    if (!closes && ++elements > MOST_ELEMENTS) throw refused('more than 1,000 elements')
    if (closes) {
      if (field === top || !field.above) throw refused('no valid XML')
      field = field.above
      continue
    }
    const element = addField(field, nameOf(name))
    // what is in the outermost element is at the top
    element.isTop = field === top
    if (attributes !== '') addAttributes(addField(element, ATTRIBUTES), attributes)
    if (!isEmpty) field = element
  }
  if (checked(content.slice(at)).trim() !== '') throw refused('XML with text behind it')
}

function addAttributes(holder: Field, attributes: string) {
  // `wsu:Id` names the element itself
  for (const [, prefix, field = '', double, single = ''] of attributes.matchAll(ATTRIBUTE))
    if (prefix === undefined || !/^id$/i.test(field))
      addText(addField(holder, nameOf(field)), double ?? single)
}

const nameOf = (name: string) => pathOf(name).at(-1) ?? ''

function checked(text: string): string {
  if (/[<>]/.test(text)) throw refused('no valid XML')
  return text
}
