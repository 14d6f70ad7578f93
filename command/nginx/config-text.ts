import { bare, LOGIN_PATH, shownPlace } from '../../lib/settings/routes.ts'
import type { Draft, HeaderValue } from './draft.ts'

type Value = string | false | readonly string[] | ReadonlyMap<string, HeaderValue>

/** gatehouse.config.ts as text; what may be secret stands in the environment. */
export function inConfigText(drafts: readonly Draft[]): string {
  const routes = drafts.map(each => {
    const lines = fieldsOf(each).map(([name, value]) => `      ${name}: ${inText(value)},\n`)
    return `    {\n${lines.join('')}    },\n`
  })
  return `import type { GatehouseConfig } from 'gatehouse'

export default {
  routes: [
${routes.join('')}  ],
} satisfies GatehouseConfig
`
}

/** What the file exports, for the loader; a value that is in the environment is `x`. */
export const inConfig = (drafts: readonly Draft[]) => ({
  routes: drafts.map(each =>
    Object.fromEntries(
      fieldsOf(each).map(([name, value]) => [name, isMap(value) ? headersOf(value) : value]),
    ),
  ),
})

const isMap = (value: Value): value is ReadonlyMap<string, HeaderValue> => value instanceof Map
const headersOf = (headers: ReadonlyMap<string, HeaderValue>) =>
  Object.fromEntries([...headers].map(([name, { text, variable }]) => [name, variable ? 'x' : text]))

/** What a route says that is not its default. */
export function fieldsOf({
  path,
  exact,
  base,
  origin,
  isLogin,
  values,
  except,
}: Draft): (readonly [string, Value])[] {
  const { host, serverName, headers, responseHeaders, timeout, maxBody, upgrade } = values
  const fields: (readonly [string, Value | undefined])[] = [
    ['path', shownPlace({ path, exact })],
    ['to', base === path ? origin : `${origin}${base || '/'}`],
    // by its name alone
    ['kind', isLogin && bare(path) !== LOGIN_PATH ? 'login' : undefined],
    ['host', host],
    ['serverName', serverName],
    ['headers', headers.size > 0 ? headers : undefined],
    ['responseHeaders', responseHeaders.size > 0 ? responseHeaders : undefined],
    ['timeout', timeout?.text],
    ['maxBody', maxBody?.text],
    // a login has no WebSocket anyway
    ['upgrade', upgrade || isLogin ? undefined : false],
    ['except', except.length > 0 ? except : undefined],
  ]
  return fields.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
}

function inText(value: Value): string {
  if (value === false) return 'false'
  if (typeof value === 'string') return quoted(value)
  if (!isMap(value)) return `[${value.map(quoted).join(', ')}]`
  const pairs = [...value].map(
    ([name, { text, variable }]) =>
      `${/^[A-Za-z]\w*$/.test(name) ? name : quoted(name)}: ${variable ? `process.env.${variable}` : quoted(text)}`,
  )
  return `{ ${pairs.join(', ')} }`
}

/** A text as JavaScript writes it. */
export const quoted = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`
