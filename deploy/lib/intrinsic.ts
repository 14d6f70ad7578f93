/** What CloudFormation makes of the functions that the exported template uses once they are known. */
type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

type Given = {
  readonly parameters: Readonly<Record<string, string>>
  readonly conditions?: Readonly<Record<string, Json>>
  /** by `Resource.Attribute`; what is not here is `<Resource.Attribute>` */
  readonly attributes?: Readonly<Record<string, string>>
}

const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** @throws where it meets a function that it does not know */
export function resolve(value: Json, given: Given): Json {
  if (Array.isArray(value)) return value.map(each => resolve(each, given))
  if (!isObject(value)) return value
  const [[name, args = null] = ['', null], ...more] = Object.entries(value)
  if (more.length > 0 || !/^(Ref|Fn::)/.test(name))
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolve(each, given)]))
  if (name === 'Ref') return given.parameters[String(args)] ?? `<${String(args)}>`
  const list = Array.isArray(args) ? args : []
  if (name === 'Fn::GetAtt') return given.attributes?.[list.join('.')] ?? `<${list.join('.')}>`
  if (name === 'Fn::If') {
    const [condition, then = null, otherwise = null] = list
    return resolve(resolve(given.conditions?.[String(condition)] ?? null, given) ? then : otherwise, given)
  }
  const [first = null, second = null] = list.map(each => resolve(each, given))
  const texts = Array.isArray(second) ? second.map(String) : []
  if (name === 'Fn::Join') return texts.join(String(first))
  if (name === 'Fn::Select') return texts[Number(first)] ?? null
  if (name === 'Fn::Split') return String(second).split(String(first))
  if (name === 'Fn::Equals') return first === second
  throw new Error(`unknown: ${name}`)
}
