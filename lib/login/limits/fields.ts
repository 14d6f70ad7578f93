import { isPassword, kindOf, pathOf } from './field-names.ts'
import { jsonInText } from './json.ts'
import { refused } from './text.ts'

/** A field of a login: an object, a list, an element, or what has a value. */
export type Field = {
  readonly name: string
  readonly above: Field | undefined
  readonly below: Field[]
  byName: Map<string, Field> | undefined
  readonly values: string[]
  /** whether it is the top of the login, where any name is the account's */
  isTop: boolean
  /** whether a password stands directly in it */
  hasPassword: boolean
  /** whether it is a pair that says which field it is: `{"name": "email", "value": "taro"}` */
  isPair: boolean
  /** whether it is a call by JSON-RPC or a stored query of GraphQL: its `id` is that of the call */
  isCall: boolean
  /** how many there are in the whole login */
  readonly all: { count: number }
}

/** An XML element's attributes stand below a field of this name, which no form and no JSON can have. */
export const ATTRIBUTES = '\0'
/** The keys of a call by JSON-RPC or GraphQL. With another key it is none: that could be the password beside an account's `id`. Zabbix has `auth: null`. */
const CALL = /^(?:jsonrpc|id|method|params|query|operationName|variables|extensions)$/

/** In a pair it says which field that is; `id` of SuperTokens. */
const LABEL = /^(?:name|key|id|field)$/

/** `a[b]` are two. A login has a dozen; 20,000 in 64 KB took 60 ms of CPU. */
const MOST_FIELDS = 4000

/** A login without any field yet. */
export const createFields = (): Field => ({ ...grow('', undefined), isTop: true })

function grow(name: string, above: Field | undefined): Field {
  const all = above?.all ?? { count: 0 }
  if (++all.count > MOST_FIELDS) throw refused('more than 4,000 fields')
  const own = { below: [], byName: undefined, values: [], all }
  return { name, above, ...own, isTop: false, hasPassword: false, isPair: false, isCall: false }
}

/** One more of that name: XML has an element several times. @throws GatewayError BAD_REQUEST at more than 4,000 in all */
export function addField(above: Field, name: string): Field {
  const field = grow(name, above)
  above.below.push(field)
  return field
}

/** The one of that path: forms, queries and JSON are merged by Rails, PHP and Spring. */
export function fieldAt(top: Field, name: string): Field {
  let field = top
  for (const each of pathOf(name)) {
    field.byName ??= new Map()
    const above = field
    field = field.byName.getOrInsertComputed(each, () => addField(above, each))
  }
  return field
}

/** A field of a form; PHP takes `user.code` and `user[code` for `user_code`. @throws as `addText` */
export function addFormField(top: Field, name: string, text: string): void {
  const php = name.replace(/^[^[\]]+(?:\[[^\]]*$)?/, first => first.replace(/[.[]/g, '_'))
  for (const each of php === name ? [name] : [name, php]) addText(fieldAt(top, each), text)
}

/** @throws GatewayError BAD_REQUEST where the text may be JSON to a lenient reader alone */
export function addText(field: Field, text: string): void {
  if (text === '') return
  field.values.push(text)
  const { name, above } = field
  if (isPassword(name)) {
    if (above) above.hasPassword = true
    return
  }
  if (above && LABEL.test(name) && kindOf(pathOf(text).at(-1) ?? '')) {
    above.isPair = true
    if (above.name === ATTRIBUTES && above.above) above.above.isPair = true
  }
  const json = jsonInText(text)
  if (json) addJson(field, json)
}

/** Without recursion: a body may be thousands of lists in each other. */
export function addJson(top: Field, json: unknown): void {
  const left: [Field, unknown][] = [[top, json]]
  for (let next = left.pop(); next; next = left.pop()) {
    const [field, value] = next
    if (typeof value === 'string' || typeof value === 'number') addText(field, String(value))
    if (Array.isArray(value)) {
      // only an object needs a place of its own
      for (const each of value) left.push([isObject(each) ? addField(field, '') : field, each])
    } else if (isObject(value)) {
      const entries = Object.entries(value)
      field.isCall ||=
        ('params' in value || 'variables' in value) &&
        entries.every(([key, each]) => CALL.test(key) || each === null)
      for (const [key, each] of entries) left.push([fieldAt(field, key), each])
    }
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
