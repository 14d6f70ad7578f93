import about from '../package.json' with { type: 'json' }
import { languageOf } from './language.ts'
import { LISTENING_USAGE, takeListening } from './listening.ts'
import { FRONT, HEALTHCHECK } from './programs.ts'

/** `gatehouse …`, in the folder of a Next.js app. */
const USAGE = `gatehouse COMMAND

  init [--dry-run]    puts gatehouse into the scripts of package.json, and adds a Dockerfile; touches nothing else
  dev                 the app with hot reloading, behind the front; without BACKEND_ORIGIN also a demo backend. Takes --webpack, --turbopack,
                      --port, --hostname and --inspect as \`next dev\` does
  build               the app's own \`next build\`, for page workers; static files are compressed
  start               the front with page workers; settings are environment variables, routes may be in gatehouse.config.ts
  config              prints the settings and the routes
  doctor [--json]     says what is wrong between here and the backend
  healthcheck         exits with 0 if the front at PORT is alive
  from-nginx FILE     reads Nginx's configuration and prints the environment for Gatehouse
  ecs TASK.json       takes the Nginx container out of an ECS task definition, and prints the new one

gatehouse COMMAND --help says what a command takes; gatehouse --version prints the version.
`

/** Of the commands that print none themselves. */
const USAGES: Readonly<Record<string, string>> = {
  init: `init [--dry-run]

Puts gatehouse into the scripts of package.json, and adds a Dockerfile and its .dockerignore where there are none.

  --dry-run    says what it would do
`,
  dev: `dev [OPTIONS]

The app with hot reloading, behind the front; without BACKEND_ORIGIN a demo backend is started along. Settings are environment
variables: \`gatehouse config\` prints them. Where PORT is not set and 4000 is taken, the next free port takes its place.

${LISTENING_USAGE}`,
  build: `build [ARGUMENTS OF next build]

The app's own \`next build\`, for page workers; static files are compressed. Arguments are passed on to \`next build\`.
`,
  healthcheck: `healthcheck

Asks the front at HOST and PORT for /healthz: the exit code is 0 if it is alive, else 1.
`,
}

/** Each loads what it needs, and resolves to an exit code or to none. */
const COMMANDS: Readonly<Record<string, (args: string[]) => Promise<number | undefined>>> = {
  init: async args => (await import('./init/init.ts')).init(process.cwd(), args),
  dev: async args => (await import('./dev.ts')).dev(takeListening(args, process.env).rest),
  build: async args => (await import('./build.ts')).build(process.cwd(), args),
  start: () => run(FRONT),
  doctor: () => run(FRONT),
  config: () => run(FRONT),
  healthcheck: async args => {
    if (args.length > 0) throw new Error(`it takes no arguments, and this is one: ${args.join(' ')}`)
    return run(HEALTHCHECK)
  },
  'from-nginx': async args => (await import('./nginx/print.ts')).fromNginx(args),
  ecs: async args => (await import('./ecs/ecs.ts')).ecs(args, languageOf(process.env)),
}

/** In this process, so that signals reach it. */
async function run(program: URL): Promise<undefined> {
  Object.assign(process.env, { NODE_ENV: process.env.NODE_ENV || 'production' })
  await import(program.href)
}

const [, , name = '', ...rest] = process.argv
const args = rest.map(each => (each === '-h' ? '--help' : each))
const command = COMMANDS[name]
if (command) {
  const usage = args.includes('--help') ? USAGES[name] : undefined
  try {
    if (usage !== undefined) process.stdout.write(`gatehouse ${usage}`)
    else {
      const code = await command(args)
      if (code !== undefined) process.exitCode = code
    }
  } catch (error) {
    process.stderr.write(`gatehouse ${name}: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
} else if (['--version', '-v', 'version'].includes(name)) {
  process.stdout.write(`${about.version}\n`)
} else {
  const isAsked = ['', 'help', '--help', '-h'].includes(name)
  process[isAsked ? 'stdout' : 'stderr'].write(
    isAsked ? USAGE : `gatehouse ${name}: there is no such command\n\n${USAGE}`,
  )
  process.exitCode = isAsked ? 0 : 1
}
