import type { Finding } from '../nginx/finding.ts'
import { type Reading, readNginx } from '../nginx/from-nginx.ts'
import type { Notes } from './notes.ts'
import type { Roles } from './roles.ts'
import type { Container } from './task.ts'

type Asked = {
  readonly file: string
  readonly server: string | undefined
  /** the origins of Next.js and of the API */
  readonly pages: string | undefined
  readonly backend: string | undefined
  readonly said: Readonly<Record<string, string>>
  /** the app's own file of routes */
  readonly own: string | undefined
}

/** What says routes: nothing of it is taken where a file of the app's says them. */
const ROUTING = ['BACKEND_ORIGIN', 'BACKEND_PATHS', 'LOGIN_PATHS']
const saysRoutes = ({ what, becomes }: Finding) =>
  what.startsWith('location ') ||
  becomes?.in === 'route' ||
  (becomes?.in === 'environment' && ROUTING.includes(becomes.name))

const variablesIn = ({ environment = [] }: Container): Record<string, string> =>
  Object.fromEntries(environment.map(({ name, value }) => [name, value]))

/** A variable of the environment: Nginx's own have small letters. */
const VARIABLE = /\$(?:\{([A-Z][A-Z0-9_]*)\}|([A-Z][A-Z0-9_]*)\b)/g

/**
 * Reads Nginx's configuration, with the variables that its container's environment puts in, as the start script of Nginx's image
 * does by envsubst.
 */
export function readNginxOf(
  { nginx, app }: Roles,
  { file, said, own, ...asked }: Asked,
  notes: Notes,
): Reading & { readonly put: readonly string[] } {
  const texts = notes.texts.nginx
  const env = variablesIn(nginx)
  const filter = new RegExp(env.NGINX_ENVSUBST_FILTER ?? '')
  const put = new Set<string>()
  const missing = new Set<string>()
  const fill = (text: string) =>
    text.replace(VARIABLE, (whole, braced?: string, plain?: string) => {
      const name = braced ?? plain ?? ''
      const value = filter.test(name) ? env[name] : undefined
      ;(value === undefined ? missing : put).add(name)
      return value ?? whole
    })
  const publicOrigins = (said.PUBLIC_ORIGIN ?? variablesIn(app).PUBLIC_ORIGIN)
    ?.split(',')
    .map(each => each.trim())
  const inEnvironment = ROUTING.some(each => each in said)
  const reading = readNginx(file, { ...asked, publicOrigins, inEnvironment, language: notes.language }, fill)
  if (put.size > 0) notes.changed(texts.put(file, [...put].join(', '), nginx.name))
  for (const name of missing) {
    const isSecret = nginx.secrets?.some(each => each.name === name) ?? false
    notes.look(texts.unknown(file, name, nginx.name, isSecret))
  }
  for (const { kind, at, what, remark } of reading.findings.filter(each => !own || !saysRoutes(each))) {
    if (kind === 'set' && !remark.startsWith('PORT=')) notes.changed(texts.set(remark, at))
    if (kind !== 'set' && kind !== 'same') notes.look(texts.finding(at, what, remark))
  }
  // what is wrong with a setting, or missing, is found where the whole environment is checked
  const { pages, paths, hosts, server: which, location } = reading.unsaid
  if (!own) {
    const has = [...Object.keys(variablesIn(app)), ...(app.secrets ?? []).map(({ name }) => name)]
    for (const each of reading.secrets.filter(name => !has.includes(name) && !(name in said)))
      notes.ask(texts.secret(file, each), texts.ofTask(each, app.name))
    if (hosts !== undefined) notes.ask(texts.missing(file, hosts), '--env PUBLIC_ORIGIN=https://www.dev.jp')
    if (paths !== undefined && !('BACKEND_PATHS' in said))
      notes.ask(
        texts.missing(file, paths),
        reading.config === undefined ? '--env BACKEND_PATHS=/user/login,…' : texts.ownFile,
      )
    if (location !== undefined) notes.look(texts.missing(file, location))
  }
  if (!own && pages !== undefined) notes.ask(texts.missing(file, pages), '--pages ORIGIN, --backend ORIGIN')
  if (which !== undefined) notes.ask(texts.missing(file, which), '--server PORT|NAME')
  const settings = Object.entries(reading.env).filter(([name]) => !own || !ROUTING.includes(name))
  return { ...reading, env: Object.fromEntries(settings), put: [...put] }
}
