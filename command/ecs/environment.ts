import type { ConfigFile } from '../../lib/settings/config-file.ts'
import { describeSettings } from '../../lib/settings/schema.ts'
import { type Config, ConfigError, HAVE_SECRETS, readConfig, SECRETS } from '../../lib/settings/settings.ts'
import { PORT } from './front.ts'
import type { Notes } from './notes.ts'
import type { Ports } from './ports.ts'
import { SECRET } from './route-file.ts'
import type { Container } from './task.ts'

type Variables = Readonly<Record<string, string>>
export type Sources = {
  /** from Nginx's configuration; undefined where none was given */
  readonly nginx: Variables | undefined
  /** `--env NAME=VALUE` */
  readonly said: Variables
  /** the file of routes; beside it there is no BACKEND_ORIGIN */
  readonly routes?: ConfigFile | undefined
}

/** Next's alone: Gatehouse sets them for its page workers. */
const NEXTS = ['PORT', 'HOSTNAME']
/** Settings that a team keeps among its secrets; by any other name there (SERVICE_NAME, LOG_LEVEL) it is the app's, and its value is not known here. */
const MEANT: readonly string[] = [...HAVE_SECRETS, 'BACKEND_ORIGIN']
/** Stands for a value that only AWS knows, where the settings are checked. */
const SECRET_TOKEN = 'x'.repeat(32)

const settingNames = () => describeSettings().map(({ name }) => name)

/**
 * The environment of the app's container: its own, with the front's settings.
 * @returns with `config` where Gatehouse would start with it; otherwise the mistakes are questions in `notes`
 */
export function environmentOf(app: Container, ports: Ports, sources: Sources, notes: Notes) {
  const texts = notes.texts.environment
  const own = app.environment ?? []
  const secrets = (app.secrets ?? []).map(({ name }) => name)
  const settings: Record<string, string> = {}
  for (const [name, value] of Object.entries(sources.nginx ?? {})) {
    if (name === 'PORT' || name in sources.said) continue
    const before = own.find(each => each.name === name)?.value ?? value
    if (secrets.includes(name)) notes.look(texts.secret(name, value))
    else if (before !== value) notes.ask(texts.differs(name, before, value), `--env ${name}=VALUE`)
    else settings[name] = value
  }
  Object.assign(settings, ports.settings, sources.said, { PORT: String(ports.front) })

  const kept = own.filter(({ name, value }) => isKept(name, value, settings, sources, notes))
  for (const [name] of Object.entries(settings).filter(([each]) => secrets.includes(each)))
    throw new Error(texts.inSecrets(name, app.name))
  const environment = [...kept, ...Object.entries(settings).map(([name, value]) => ({ name, value }))]
  warn(app, kept, sources, notes)
  return { environment, config: check(environment, secrets, sources, notes) }
}

/** What is a secret stays in the files, and so does what may be a password, however a URL is written. */
const shown = (name: string, value = '') => (SECRETS.includes(name) ? '…' : value.replace(/^.*@/s, '…@'))

function isKept(
  name: string,
  value: string,
  settings: Variables,
  { routes }: Sources,
  notes: Notes,
): boolean {
  const texts = notes.texts.environment
  if (name === 'NODE_ENV' && value !== 'production') {
    notes.changed(texts.nodeEnv(value))
    return false
  }
  if (routes && ['BACKEND_ORIGIN', 'BACKEND_PATHS'].includes(name) && !(name in settings)) {
    notes.changed(notes.texts.routes.instead(name, value, routes.name))
    return false
  }
  if (name in settings || NEXTS.includes(name)) {
    if (settings[name] !== value)
      notes.changed(
        name in settings
          ? texts.changed(name, shown(name, settings[name]), shown(name, value))
          : texts.nexts(name, value),
      )
    return false
  }
  return true
}

function warn(
  app: Container,
  kept: readonly { name: string; value: string }[],
  sources: Sources,
  notes: Notes,
) {
  const texts = notes.texts.environment
  const secrets = (app.secrets ?? []).filter(({ name }) => !MEANT.includes(name))
  for (const { name } of [...kept, ...secrets])
    if (settingNames().includes(name)) notes.look(texts.shared(name))
  for (const { name, value } of kept) {
    if (name === 'NODE_OPTIONS') notes.look(texts.nodeOptions(value))
  }
  for (const { value } of app.environmentFiles ?? []) notes.look(texts.file(value))
  if (sources.nginx === undefined) notes.look(texts.withoutNginx(sources.routes === undefined))
}

/** Whether Gatehouse starts with it. Names that are not its settings are left out: they are the app's. */
function check(
  environment: readonly { name: string; value: string }[],
  secrets: readonly string[],
  { nginx, routes }: Sources,
  notes: Notes,
): Config | undefined {
  const texts = notes.texts.environment
  const known = settingNames()
  const env = Object.fromEntries(
    environment.flatMap(({ name, value }) => (known.includes(name) ? [[name, value]] : [])),
  )
  if (secrets.includes('ADMIN_TOKEN')) env.ADMIN_TOKEN = SECRET_TOKEN
  if (secrets.includes('BACKEND_ORIGIN')) env.BACKEND_ORIGIN = SECRET
  if (!routes && !env.BACKEND_ORIGIN?.trim()) {
    const how = nginx === undefined ? texts.nginxOrEnv : '--env'
    notes.ask(texts.noOrigin, `${how} BACKEND_ORIGIN=https://api.dev.jp`)
    env.BACKEND_ORIGIN = SECRET
  }
  try {
    return readConfig({ PORT: String(PORT), ...env }, routes)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    for (const mistake of error.mistakes) {
      const [name = 'NAME'] = mistake.en.split(' ')
      const isInFile = routes && mistake.en.includes(routes.name)
      notes.ask(
        texts.mistake(mistake[notes.language]),
        isInFile ? notes.texts.routes.correct(routes.name) : texts.rename(name),
      )
    }
    return undefined
  }
}
