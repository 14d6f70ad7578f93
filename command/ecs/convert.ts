import type { ConfigFile } from '../../lib/settings/config-file.ts'
import type { Config } from '../../lib/settings/settings.ts'
import { isInside, sayOfAddresses, sayOfOrigins } from './addresses.ts'
import { frontOf, restOf, startSecondsOf, timesOf } from './container.ts'
import { environmentOf } from './environment.ts'
import { readNginxOf } from './from-nginx.ts'
import { TARGET_HEALTH } from './front.ts'
import type { Notes } from './notes.ts'
import { proxyOf, rewire } from './others.ts'
import { choosePorts } from './ports.ts'
import { findRoles, type Named, type Roles } from './roles.ts'
import { SECRET } from './route-file.ts'
import type { Service } from './service.ts'
import { sizesOf } from './sizes.ts'
import { type Container, compact, isFargate, sharesNetwork, type Task } from './task.ts'
import { volumesOf } from './volumes.ts'

export type Options = Named & {
  /** Nginx's configuration, and which of its servers */
  readonly nginx?: string | undefined
  readonly server?: string | undefined
  /** the origins that Nginx passed on to, where the configuration leaves open which has the pages */
  readonly pages?: string | undefined
  readonly backend?: string | undefined
  readonly nginxPort?: number | undefined
  readonly image?: string | undefined
  readonly startSeconds?: number | undefined
  readonly env: Readonly<Record<string, string>>
  readonly writable: readonly string[]
  /** the app's own gatehouse.config.* */
  readonly routes?: ConfigFile | undefined
}

export type Converted = {
  readonly task: Task
  readonly service: Service
  /** gatehouse.config.ts, where Nginx's configuration needs one and the app has none */
  readonly routesText?: string | undefined
}

/** What the app gets where it has no such file. */
const ROUTES = 'gatehouse.config.ts'

/**
 * The task definition without its Nginx: the app's container is the front.
 * @returns undefined where a question is open; `notes` has it
 */
export function withoutNginx(task: Task, options: Options, notes: Notes): Converted | undefined {
  if (task.runtimePlatform?.operatingSystemFamily?.startsWith('WINDOWS'))
    throw new Error(notes.texts.roles.windows)
  const roles = findRoles(task, options, notes)
  if (!roles) return undefined
  const { nginx, app } = roles
  const all = task.containerDefinitions
  const gone = all.filter(each => each === nginx || options.drop.includes(each.name))
  const conversion = { task, ...roles, gone, notes }
  notes.changed(
    notes.texts.roles.gone(gone.map(({ name, image }) => `${name} (${image})`).join(', '), app.name),
  )
  const { nginx: file, server, pages, backend, env: said, routes: own } = options
  const reading =
    file === undefined
      ? undefined
      : readNginxOf(roles, { file, server, pages, backend, said, own: own?.name }, notes)
  const routes =
    own ?? (reading?.config === undefined ? undefined : { name: ROUTES, content: reading.content })
  sayOfRoutes(own, reading?.config === undefined ? undefined : file, notes)
  sayWhatGoes(roles, reading?.put ?? [], notes)
  const wanted = { nginxPort: options.nginxPort, listen: number(reading?.env.PORT), port: number(said.PORT) }
  const left = { ...task, containerDefinitions: all.filter(each => each === nginx || !gone.includes(each)) }
  const ports = choosePorts(left, roles, wanted, notes)
  const { environment, config } = environmentOf(app, ports, { nginx: reading?.env, said, routes }, notes)
  const { mountPoints, volumes } = volumesOf(conversion, options.writable)
  for (const each of all.filter(container => !gone.includes(container)))
    sayOfAddresses(task, each, roles, ports, notes)
  const origins = originsOf(config)
  sayOfOrigins(task, origins, roles, ports, notes)
  sayOfImage(app, options.image, notes)

  const startSeconds = startSecondsOf(app, options.startSeconds)
  const front = compact({
    ...app,
    image: options.image ?? app.image,
    ...frontOf(conversion, config, startSeconds),
    ...sizesOf(conversion),
    portMappings: [...ports.mappings],
    environment,
    mountPoints,
    ...rewire(app, conversion),
  })
  const containerDefinitions = all
    .filter(each => !gone.includes(each))
    .map(each => (each === app ? front : compact({ ...each, ...rewire(each, conversion) })))
  const before = [nginx, app].flatMap(({ portMappings = [] }) =>
    portMappings.flatMap(each => each.containerPort ?? []),
  )
  const proxyConfiguration = proxyOf(conversion, [...before, ports.next], ports.front)
  if (notes.questions.length > 0 || !config) return undefined
  const { deregistrationDelay, idle } = timesOf(config)
  return {
    task: compact({ ...task, containerDefinitions, volumes, proxyConfiguration }),
    routesText: own ? undefined : reading?.config,
    service: {
      family: task.family,
      container: app.name,
      port: ports.front,
      before: { container: nginx.name, port: ports.before },
      targetType: task.networkMode === 'awsvpc' ? 'ip' : 'instance',
      launchType: isFargate(task) ? 'FARGATE' : 'EC2',
      healthPath: `${config.HEALTH_PREFIX}${TARGET_HEALTH.path}`,
      deregistrationDelay,
      idle,
      startSeconds,
      origins: routes ? origins.filter(each => each !== SECRET && !isInside(each, front.links)) : [],
      isPortNew: sharesNetwork(task) && ports.front !== ports.before,
    },
  }
}

function sayOfRoutes(own: ConfigFile | undefined, file: string | undefined, { texts, changed, look }: Notes) {
  if (own) changed(texts.routes.own(own.name))
  else if (file !== undefined) look(texts.routes.fromNginx(file, ROUTES))
}

/** Of the routes, and of what only pages call. */
const originsOf = (config: Config | undefined) =>
  config ? [...new Set([...config.routes, ...config.backends].map(({ origin }) => origin.origin))] : []

const number = (text: string | undefined) => (text === undefined ? undefined : Number(text))

function sayWhatGoes({ nginx, app }: Roles, put: readonly string[], notes: Notes) {
  const texts = notes.texts.roles
  if (app.essential === false) notes.changed(texts.essential(app.name))
  const secrets = (nginx.secrets ?? []).map(({ name, valueFrom }) => `${name} (${valueFrom})`)
  if (secrets.length > 0) notes.look(texts.secrets(nginx.name, secrets.join(', ')))
  const names = (nginx.environment ?? []).map(({ name }) => name)
  const own = [...put, ...(app.environment ?? []).map(({ name }) => name)]
  const lost = names.filter(name => !own.includes(name) && !name.startsWith('NGINX_'))
  if (lost.length > 0) notes.look(texts.variables(nginx.name, lost.join(', ')))
  const rest = restOf(nginx, app)
  if (rest.length > 0) notes.look(texts.rest(nginx.name, rest.join(', '), app.name))
}

function sayOfImage(app: Container, image: string | undefined, notes: Notes) {
  if (image === undefined) notes.look(notes.texts.image.same(app.image))
  else notes.changed(notes.texts.image.changed(image, app.image))
}
