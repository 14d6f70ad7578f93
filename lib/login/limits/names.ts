import { kindOf } from './field-names.ts'
import { ATTRIBUTES, type Field } from './fields.ts'
import { refused } from './text.ts'

/** Of what is below a name's field: all is that name (`email[x]`), or keys alone that say nothing (`login[0]`). */
type Owner = 'all' | 'plain' | undefined

const PLAIN = /^[\d\0$]*$/
/** Of Mongo: `email[$regex]=^ta`. .NET writes the four into objects of its own. */
const OPERATOR = /^\$(?!(?:id|type|ref|values)$)\w/
/** A button of a form: `<button name="login" value="Log in">`. */
const BUTTON = /^\s*(?:log ?[io]n|sign ?in|submit|(?:ログイン|サインイン|送信)(?:する)?)\s*$/i

/**
 * Calls `add` with each account name. A field counts by the place where it stands, and nothing beside it takes that back: an invented
 * `email` hides no `name`. Nothing that all visitors share counts, such as the name of an app, or the id of a call.
 * - `email`, `username`, `login` … count in any place, and with them what is below: PHP and Mongo read `email[x]=taro`
 * - below `user`, `account`, `login` other fields are not the name, unless the password stands outside: `login[x]=taro&password=…`
 * - `name`, `id`, `identifier` … count at the top, beside a password, and below one of the former: `user[name]`; not in
 *   `{"email": …, "device": {"name": "iPhone"}}`. The `id` of JSON-RPC or of a stored GraphQL query does not count
 * - a pair `{"name": "email", "value": "taro"}`, `<field name="email">taro</field>` counts as the field that it names
 * @throws GatewayError BAD_REQUEST at operators of a query in place of a name
 */
export function findNames(top: Field, add: (name: string) => void): void {
  const left = top.below.map(field => [field, top, undefined as Owner] as const)
  for (let next = left.pop(); next; next = left.pop()) {
    const [field, above, outer] = next
    if (outer && OPERATOR.test(field.name)) throw refused('an operator in place of a name')
    const owner = ownerOf(field, above, outer)
    if (owner || field.isPair)
      for (const value of field.values) if (field.name !== 'login' || !BUTTON.test(value)) add(value)
    for (const below of field.below)
      left.push([below, field, field.isPair && below.name === 'value' ? 'all' : owner])
  }
}

function ownerOf({ name }: Field, above: Field, outer: Owner): Owner {
  const kind = kindOf(name)
  if (!kind) {
    // `<email xsi:type="xsd:string">`
    const isXml = above.name === ATTRIBUTES && name !== 'value'
    return PLAIN.test(name) || (outer === 'all' && !isXml) ? outer : undefined
  }
  const isOfCall = above.isCall && name === 'id'
  const isOfAccount = outer || above.hasPassword || (above.isTop && !isOfCall)
  if (kind.where === 'account' && !isOfAccount) return undefined
  if (kind.takes === 'outside') return above.hasPassword || outer === 'all' ? 'all' : 'plain'
  return kind.takes
}
