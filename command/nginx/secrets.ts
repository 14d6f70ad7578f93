/** By the name of a header, by what goes before a credential (RFC 9110 §11.1), or since nobody types such a value. */
const NAME = /key|secret|token|auth|pass|pwd|cookie|cred|sig(nature)?$|verify/i
const VALUE = /^(?:(?:basic|bearer|token|apikey) |(?=.*\d)(?=.*[a-z])[\w+/=-]{20,}$)/i

/** Which variable of the environment holds a value; undefined where everybody may read it. */
export type VariableFor = (header: string, value: string) => string | undefined

/** One value has one variable, `X_API_KEY`; another value of the same header has the next, `X_API_KEY_2`. */
export function createVariables(): VariableFor {
  const values = new Map<string, string[]>()
  return (header, value) => {
    if (value === '' || !(NAME.test(header) || VALUE.test(value))) return undefined
    const name = header.toUpperCase().replaceAll(/[^A-Z\d]/g, '_')
    const known = values.get(name) ?? []
    if (!known.includes(value)) known.push(value)
    values.set(name, known)
    const at = known.indexOf(value)
    return at === 0 ? name : `${name}_${at + 1}`
  }
}
