import type { Finding } from '../nginx/finding.ts'
import { type Reading, readNginx } from '../nginx/from-nginx.ts'
import type { Notes } from './notes.ts'
import type { Roles } from './roles.ts'
import type { Container } from './task.ts'

type Asked = {
  readonly file: string
  readonly server: string | undefined
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
  { file, server, said, own }: Asked,
  notes: Notes,
): Reading & { readonly put: readonly string[] } {
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
  const reading = readNginx(
    file,
    { server, publicOrigins, inEnvironment: ROUTING.some(each => each in said) },
    fill,
  )
  if (put.size > 0)
    notes.changed(
      `${file} has ${[...put].join(', ')} from the environment of ${nginx.name}: the values are in the front's settings now.`,
    )
  for (const name of missing) {
    const isSecret = nginx.secrets?.some(each => each.name === name)
    notes.look(
      `${file} has \${${name}}, which ${isSecret ? `is a secret of ${nginx.name}` : `is not in the environment of ${nginx.name}`}: its value is not known here.`,
    )
  }
  for (const { kind, at, what, remark } of reading.findings.filter(each => !own || !saysRoutes(each))) {
    if (kind === 'set' && !remark.startsWith('PORT=')) notes.changed(`${remark}, from ${at}.`)
    if (kind !== 'set' && kind !== 'same') notes.look(`${at} ${what}: ${remark}.`)
  }
  // what is wrong with a setting, or missing, is found where the whole environment is checked
  const has = [...Object.keys(variablesIn(app)), ...(app.secrets ?? []).map(({ name }) => name)]
  for (const each of own ? [] : reading.secrets.filter(name => !has.includes(name) && !(name in said)))
    notes.ask(
      `${file}: ${each} is the value of a header that may be secret.`,
      `${each} among the secrets of ${app.name} in the task definition, or --env ${each}=VALUE`,
    )
  for (const each of reading.missing) {
    if (own && !/--server\b|^no server/.test(each)) continue
    if (/--public-origin/.test(each))
      notes.ask(`${file}: ${each.replace(/ Say --.*/, '')}`, '--env PUBLIC_ORIGIN=https://www.dev.jp')
    else if (each.startsWith('BACKEND_PATHS has to be said') && !('BACKEND_PATHS' in said))
      notes.ask(`${file}: ${each}.`, '--env BACKEND_PATHS=/user/login,…')
    else if (/--server\b|^no server/.test(each)) notes.ask(`${file}: ${each}.`, '--server PORT|NAME')
    else if (each.startsWith('no location')) notes.look(`${file}: ${each}.`)
  }
  const settings = Object.entries(reading.env).filter(([name]) => !own || !ROUTING.includes(name))
  return { ...reading, env: Object.fromEntries(settings), put: [...put] }
}
