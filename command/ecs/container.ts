import type { Config } from '../../lib/settings/settings.ts'
import { CACHE, COMMAND, HEALTH_CHECK, IDLE_SECONDS, IMAGE_FOLDERS, START_SECONDS, USER } from './front.ts'
import type { Conversion } from './roles.ts'
import { type Container, compact, isFargate } from './task.ts'

/** Fargate kills a task so many seconds after SIGTERM at the latest. */
const MOST_STOP_SECONDS = 120
/** What a target group takes. */
const MOST_DELAY_SECONDS = 3600
/** What the front adds to STOP_DELAY and STOP_TIMEOUT at most (lib/front/stopping.ts), and room for the end itself. */
const LAST_SECONDS = 2
const ROOM_SECONDS = 3

/** Starts of Next alone. `server.js` is the standalone output's, or a custom server, which the front takes the place of. */
const PLAIN =
  /^(docker-entrypoint\.sh )?(dumb-init |tini |\/usr\/bin\/dumb-init |\/sbin\/tini )?(-- )?((npx |yarn |pnpm |\S*node_modules\/\.bin\/)?next start( (-p|--port|-H|--hostname|\d+|[\w.-]+)| \.)*|(npm|yarn|pnpm|bun)( run)? start|\S*node (\.\/|\/)?([\w./-]*\/)?server\.m?js)$/

/** In whole seconds; a test holds it to the construct's (deploy/lib/times.ts). */
export function timesOf({ STOP_DELAY, STOP_TIMEOUT, KEEP_ALIVE_TIMEOUT, routes }: Config) {
  const stopping = (STOP_DELAY + STOP_TIMEOUT) / 1000
  const slowest = Math.max(...routes.map(({ timeout }) => timeout)) / 1000
  return {
    stopTimeout: Math.ceil(stopping + LAST_SECONDS) + ROOM_SECONDS,
    deregistrationDelay: Math.min(
      Math.max(Math.ceil(Math.max(stopping, slowest)) + 5, IDLE_SECONDS),
      MOST_DELAY_SECONDS,
    ),
    idle: { above: slowest, below: KEEP_ALIVE_TIMEOUT / 1000 },
  }
}

/** What was said, or else what the app's container had, where that is more than the default. */
export const startSecondsOf = ({ healthCheck }: Container, said: number | undefined): number =>
  said ?? Math.max(START_SECONDS, healthCheck?.startPeriod ?? 0)

/** What is said for the app's container whatever its environment is: command, user, health check, root, files, stop. */
export function frontOf(conversion: Conversion, config: Config | undefined, startPeriod: number) {
  const { app, notes } = conversion
  const texts = notes.texts.container
  const { entryPoint = [], command = [], user, workingDirectory, healthCheck } = app
  const runs = COMMAND.join(' ')
  const ran = [...entryPoint, ...command].join(' ')
  if (ran === '') notes.changed(texts.runsFromImage(app.name, runs))
  else if (PLAIN.test(ran)) notes.changed(texts.runs(app.name, runs, ran))
  else if (ran !== runs) notes.confirm('command', texts.ranMore(app.name, runs, ran))
  if (user !== undefined && user !== USER) notes.changed(texts.user(USER, user))
  for (const { containerPath } of writableOf(app))
    if (user !== USER) notes.look(texts.writableFor(USER, containerPath))
  if (workingDirectory !== undefined) notes.changed(texts.workingDirectory(workingDirectory))
  notes.changed(texts.healthCheck(healthCheck?.command.join(' ')))
  return {
    essential: true,
    entryPoint: undefined,
    command: [...COMMAND],
    workingDirectory: undefined,
    user: USER,
    healthCheck: { ...structuredClone(HEALTH_CHECK), startPeriod },
    stopTimeout: stopTimeoutOf(conversion, config),
    readonlyRootFilesystem: isReadOnly(conversion),
    ulimits: ulimitsOf(conversion),
    systemControls: systemControlsOf(conversion),
  }
}

function stopTimeoutOf({ task, app, notes }: Conversion, config: Config | undefined): number | undefined {
  if (!config) return app.stopTimeout
  const stopTimeout = Math.max(timesOf(config).stopTimeout, app.stopTimeout ?? 0)
  if (isFargate(task) && stopTimeout > MOST_STOP_SECONDS)
    notes.ask(
      notes.texts.container.stopTooLong(stopTimeout, MOST_STOP_SECONDS),
      `--env STOP_TIMEOUT=${MOST_STOP_SECONDS - LAST_SECONDS - ROOM_SECONDS - Math.ceil(config.STOP_DELAY / 1000)}s`,
    )
  if (stopTimeout !== app.stopTimeout)
    notes.changed(notes.texts.container.stopTimeout(stopTimeout, app.stopTimeout))
  return stopTimeout
}

/** Next's cache aside, which is what the image knows of. */
const writableOf = ({ mountPoints = [] }: Container) =>
  mountPoints.filter(
    ({ readOnly, containerPath = '' }) => !readOnly && ![CACHE, undefined].includes(mountIn(containerPath)),
  )

/** The image writes nowhere. An app that has a place to write to may write elsewhere, too, and ECS Exec needs to. */
function isReadOnly({ app, notes }: Conversion): boolean {
  if (app.readonlyRootFilesystem) return true
  const writable = writableOf(app)
  const { writableForExec, writableForApp, readOnly } = notes.texts.container
  const why = app.linuxParameters?.initProcessEnabled
    ? writableForExec
    : writable.length > 0
      ? writableForApp(writable.map(each => each.containerPath).join(', '))
      : undefined
  notes.look(why ?? readOnly(CACHE))
  return why === undefined
}

/** Nginx may have had more descriptors than the app: the front has the connections of both. */
function ulimitsOf({ app, gone, notes }: Conversion) {
  const [most] = [app, ...gone]
    .flatMap(({ ulimits = [] }) => ulimits.filter(({ name }) => name === 'nofile'))
    .toSorted((a, b) => b.softLimit - a.softLimit)
  const others = (app.ulimits ?? []).filter(({ name }) => name !== 'nofile')
  if (!most || app.ulimits?.includes(most)) return app.ulimits
  notes.changed(notes.texts.container.descriptors(most.softLimit))
  return [...others, most]
}

/** In one network a sysctl of Nginx's container held for all of them. */
function systemControlsOf({ app, gone }: Conversion) {
  const own = app.systemControls ?? []
  const more = gone.flatMap(({ systemControls = [] }) =>
    systemControls.filter(
      ({ namespace }) => namespace?.startsWith('net.') && !own.some(each => each.namespace === namespace),
    ),
  )
  return more.length > 0 ? [...own, ...more] : app.systemControls
}

/** A mount of the app, where it belongs in the image; undefined where it would hide what the image has. */
export function mountIn(path: string): string | undefined {
  if (/(^|\/)\.next\/cache\/?$/.test(path)) return CACHE
  return IMAGE_FOLDERS.test(path) || /\/(\.next\/static|\.next|public|out|dist)\/?$/.test(path)
    ? undefined
    : path
}

/** Fields of a container that go with it and that nobody has looked at: said, so that nothing is lost unseen. A log is, where the app has none. */
export function restOf(container: Container, app: Container): string[] {
  const known = new Set(
    'name image essential cpu memory memoryReservation portMappings entryPoint command workingDirectory user environment secrets dependsOn links mountPoints volumesFrom stopTimeout startTimeout readonlyRootFilesystem linuxParameters healthCheck ulimits systemControls repositoryCredentials restartPolicy versionConsistency'.split(
      ' ',
    ),
  )
  if (app.logConfiguration !== undefined) known.add('logConfiguration')
  const isEmpty = (value: unknown) =>
    typeof value === 'object' && value !== null && Object.keys(value).length === 0
  return Object.keys(compact(container)).filter(
    name => !known.has(name) && !isEmpty(container[name]) && container[name] !== false,
  )
}
