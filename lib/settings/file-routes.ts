import type { z } from 'zod'
import type { ConfigFile } from './config-file.ts'
import {
  acceptedAt,
  FileShape,
  type HeadersShape,
  parseTarget,
  pathOfTarget,
  RouteShape,
  sizeOf,
  timeOf,
} from './file-shape.ts'
import {
  bare,
  type Defaults,
  type Headers,
  isAtOrBelow,
  LOGIN_PATH,
  loginKey,
  nameOf,
  type Place,
  type Route,
  type Routes,
  readPlace,
  shownPlace,
  withLogins,
} from './routes.ts'
import { shown } from './secret.ts'
import type { Words } from './words.ts'

/** `routes[1].headers.X-Tenant`, as an editor's user would write it. */
const placeOf = (path: readonly PropertyKey[]) =>
  path
    .map((each, i) => (typeof each === 'number' ? `[${each}]` : `${i > 0 ? '.' : ''}${String(each)}`))
    .join('')

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
const valueAt = (content: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce((value, key) => (isObject(value) ? Reflect.get(value, key) : undefined), content)

/** The value at a place, as it may be shown: a header's may be secret, in a whole route as well. */
function shownAt(content: unknown, path: readonly PropertyKey[]): Words {
  if (path.some(each => each === 'headers' || each === 'responseHeaders'))
    return { en: '', ja: ' に誤りがあります' }
  const value = valueAt(content, path)
  if (value === undefined) return { en: ' is not set', ja: ' がありません' }
  if (typeof value === 'function') return { en: ' is a function', ja: ' が関数です' }
  if (Array.isArray(value)) return { en: ' is a list', ja: ' が配列です' }
  if (isObject(value)) return { en: ' is an object', ja: ' がオブジェクトです' }
  const words = typeof value === 'string' ? shown(value) : String(value)
  return { en: ` is ${words}`, ja: ` が ${words} です` }
}

/** `to: process.env.API_ORIGIN` without that variable: the key is there, and has no value. */
function isThereUnset(content: unknown, path: readonly PropertyKey[]): boolean {
  const [key, holder] = [path.at(-1), valueAt(content, path.slice(0, -1))]
  return key !== undefined && isObject(holder) && key in holder && valueAt(holder, [key]) === undefined
}

/**
 * The routes of a file.
 * @returns them, and every mistake with its place; what has mistakes is left out
 */
export function readFileRoutes(
  file: ConfigFile,
  loginPaths: readonly string[],
  defaults: Defaults,
): Routes & { readonly mistakes: readonly Words[] } {
  if (file.mistake) return { routes: [], backends: [], mistakes: [file.mistake] }
  const { error } = FileShape.safeParse(file.content)
  const mistakes = (error?.issues ?? []).flatMap((issue): Words[] => {
    if (issue.code === 'unrecognized_keys') {
      const known = Object.keys(issue.path.length === 0 ? FileShape.shape : RouteShape.shape).join(', ')
      return issue.keys.map(key => {
        const place = placeOf([...issue.path, key])
        return {
          en: `${file.name}: ${place} is not known; accepted: ${known}`,
          ja: `${file.name}：${place} という項目はありません。指定できる項目：${known}`,
        }
      })
    }
    const seen = shownAt(file.content, issue.path)
    const accepts = acceptedAt(isThereUnset(file.content, issue.path) ? 'unset' : issue.message)
    const place = placeOf(issue.path)
    return [
      {
        en: `${file.name}: ${place || 'the default export'}${seen.en}; accepted: ${accepts.en}`,
        ja: `${file.name}：${place || 'export default'}${seen.ja}。指定できる値：${accepts.ja}`,
      },
    ]
  })
  // what is sound is compared with each other whatever is wrong with the rest: one start tells all
  const given = valueAt(file.content, ['routes'])
  const sound = (Array.isArray(given) ? [...given.entries()] : []).flatMap(([i, each]) => {
    const { data } = RouteShape.safeParse(each)
    if (!data) return []
    const route = routeOf(data, loginPaths, defaults)
    const at = `routes[${i}]`
    if (route.kind === 'login' && data.upgrade)
      mistakes.push({
        en: `${file.name}: ${at}.upgrade is true; accepted: none, for no login is a WebSocket`,
        ja: `${file.name}：${at}.upgrade が true です。ログインで WebSocket は使えないため、指定できません`,
      })
    return [{ at, route }]
  })
  const backends = Object.entries(
    FileShape.shape.backends.safeParse(valueAt(file.content, ['backends'])).data ?? {},
  ).map(([name, origin]) => ({
    variable: `BACKEND_URL_${name.toUpperCase().replaceAll('-', '_')}`,
    origin: new URL(origin),
  }))
  for (const { variable } of backends.filter(
    (each, i) => backends.findIndex(({ variable }) => variable === each.variable) < i,
  ))
    mistakes.push({
      en: `${file.name}: backends has two names for ${variable}; accepted: names that differ in more than case, - and _`,
      ja: `${file.name}：backends に ${variable} となる名前が 2 つあります。大文字と小文字、- と _ 以外でも区別できる名前にしてください`,
    })
  mistakes.push(...conflicts(sound, file.name))
  const routes = sound.map(({ route }) => route)
  return { routes: withLogins(routes, loginPaths), backends, mistakes }
}

function routeOf(
  from: z.output<typeof RouteShape>,
  loginPaths: readonly string[],
  defaults: Defaults,
): Route {
  const { path, exact } = readPlace(from.path)
  const target = pathOfTarget(from.to)
  const isLogin = (loginPaths.length > 0 ? loginPaths : [LOGIN_PATH]).includes(bare(path))
  const kind = from.kind ?? (isLogin ? 'login' : 'api')
  return {
    path,
    exact,
    // no API has Next's own files
    except: [...(path === '' ? [NEXTS] : []), ...(from.except ?? []).map(readPlace)],
    kind,
    kindIsStated: from.kind !== undefined,
    origin: parseTarget(from.to) ?? new URL(from.to),
    base: target === undefined ? path : exact ? target : bare(target),
    serverName: from.serverName,
    host: from.host ?? 'backend',
    headers: headersOf(from.headers),
    responseHeaders: headersOf(from.responseHeaders),
    timeout: timeOf(from.timeout ?? '') ?? defaults.timeout,
    maxBody: sizeOf(from.maxBody ?? '') ?? defaults.maxBody,
    upgrade: kind === 'api' && (from.upgrade ?? true),
    checksSite: kind === 'login',
  }
}

const headersOf = (headers: z.output<typeof HeadersShape> = {}): Headers =>
  Object.entries(headers).map(([name, value = '']) => [name.toLowerCase(), value])

const NEXTS: Place = { path: '/_next', exact: false }
const isSame = (one: Place, other: Place) => one.path === other.path && one.exact === other.exact

type Placed = { readonly at: string; readonly route: Route }

/** What contradicts itself across routes. */
function conflicts(routes: readonly Placed[], file: string): Words[] {
  return routes.flatMap(({ at, route }, i) => {
    const found: Words[] = []
    const say = (field: string, en: string, ja: string) =>
      found.push({ en: `${file}: ${at}.${field} ${en}`, ja: `${file}：${at}.${field} ${ja}` })
    const own = shownPlace(route)
    const same = routes.slice(0, i).find(each => isSame(each.route, route))
    if (same)
      say(
        'path',
        `is "${own}", as that of ${same.at}; accepted: each path once`,
        `が、${same.at} と同じ "${own}" です。同じパスは 1 つだけにしてください`,
      )
    const given = route.except.filter(each => each !== NEXTS)
    given.forEach((each, n) => {
      const field = `except[${n}]`
      const path = shownPlace(each)
      if (route.exact)
        say(
          field,
          `is "${path}"; accepted: none, for nothing is below "${own}"`,
          `が "${path}" です。"${own}" に配下はないため、除外は指定できません`,
        )
      else if (!isAtOrBelow(each.path, route.path) || isSame(each, route))
        say(
          field,
          `is "${path}"; accepted: a path below ${own}`,
          `が "${path}" です。${own} より下のパスを指定してください`,
        )
      else if (routes.some(other => isSame(each, other.route)))
        say(
          field,
          `is "${path}", which is the path of another route; accepted: one of the two`,
          `が、別のルートのパス "${path}" です。どちらか一方にしてください`,
        )
    })
    const login = routes.find(
      ({ route: each }) =>
        each.kind === 'login' &&
        nameOf(each.origin) === nameOf(route.origin) &&
        loginKey(each.base) === loginKey(route.base),
    )
    if (route.kind === 'api' && login)
      say(
        'to',
        `is where the login of ${login.at} is; accepted: another path, or kind: 'login'`,
        `が、${login.at} のログインと同じ場所です。別のパスにするか、kind: 'login' にしてください`,
      )
    return found
  })
}
