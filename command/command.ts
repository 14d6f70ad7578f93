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
`

/** Each loads what it needs, and resolves to an exit code or to none. */
const COMMANDS: Readonly<Record<string, (args: string[]) => Promise<number | undefined>>> = {
  init: async args => (await import('./init/init.ts')).init(process.cwd(), args),
  dev: async args => (await import('./dev.ts')).dev(args),
  build: async args => (await import('./build.ts')).build(process.cwd(), args),
  start: () => run(FRONT),
  doctor: () => run(FRONT),
  config: () => {
    process.argv.push('--help')
    return run(FRONT)
  },
  healthcheck: () => run(HEALTHCHECK),
  'from-nginx': async args => (await import('./nginx/print.ts')).fromNginx(args),
  ecs: async args => (await import('./ecs/ecs.ts')).ecs(args),
}

/** In this process, so that signals reach it. */
async function run(program: URL): Promise<undefined> {
  Object.assign(process.env, { NODE_ENV: process.env.NODE_ENV || 'production' })
  await import(program.href)
}

const [, , name = '', ...args] = process.argv
const command = COMMANDS[name]
if (command) {
  try {
    const code = await command(args)
    if (code !== undefined) process.exitCode = code
  } catch (error) {
    process.stderr.write(`gatehouse ${name}: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
} else {
  const isAsked = ['', 'help', '--help', '-h'].includes(name)
  process[isAsked ? 'stdout' : 'stderr'].write(
    isAsked ? USAGE : `gatehouse ${name}: there is no such command\n\n${USAGE}`,
  )
  process.exitCode = isAsked ? 0 : 1
}
