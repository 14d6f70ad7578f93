import { type Reading, readNginx } from '../nginx/from-nginx.ts'
import type { Notes } from './notes.ts'
import type { Container } from './task.ts'

type Asked = {
  readonly file: string
  readonly server: string | undefined
  readonly said: Readonly<Record<string, string>>
}

/** A variable of the environment: Nginx's own have small letters. */
const VARIABLE = /\$(?:\{([A-Z][A-Z0-9_]*)\}|([A-Z][A-Z0-9_]*)\b)/g

/**
 * Reads Nginx's configuration, with the variables that its container's environment puts in, as the start script of Nginx's image
 * does by envsubst.
 */
export function readNginxOf(
  nginx: Container,
  { file, server, said }: Asked,
  notes: Notes,
): Reading & { readonly put: readonly string[] } {
  const env = Object.fromEntries((nginx.environment ?? []).map(({ name, value }) => [name, value]))
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
  const reading = readNginx(file, { server, inEnvironment: true }, fill)
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
  for (const { kind, at, what, remark } of reading.findings) {
    if (kind === 'set' && !remark.startsWith('PORT=')) notes.changed(`${remark}, from ${at}.`)
    if (kind !== 'set' && kind !== 'same') notes.look(`${at} ${what}: ${remark}.`)
  }
  // what is wrong with a setting, or missing, is found where the whole environment is checked
  for (const each of reading.missing) {
    if (each.startsWith('BACKEND_PATHS has to be said') && !('BACKEND_PATHS' in said))
      notes.ask(`${file}: ${each}.`, '--env BACKEND_PATHS=/user/login,…')
    else if (/--server\b|^no server/.test(each)) notes.ask(`${file}: ${each}.`, '--server PORT|NAME')
    else if (each.startsWith('no location')) notes.look(`${file}: ${each}.`)
  }
  return { ...reading, put: [...put] }
}
