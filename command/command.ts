import { systemErrorCode } from '../lib/http/errors.ts'
import { ConfigError } from '../lib/settings/config-error.ts'
import about from '../package.json' with { type: 'json' }
import { languageOf, textsOf } from './language.ts'
import { takeListening } from './listening.ts'
import { FRONT, HEALTHCHECK } from './programs.ts'

/** `gatehouse …`, in the folder of a Next.js app. */
const TEXTS = textsOf(process.env)
const USAGES: Readonly<Record<string, string>> = TEXTS.usages

/** Each loads what it needs, and resolves to an exit code or to none. */
const COMMANDS: Readonly<Record<string, (args: string[]) => Promise<number | undefined>>> = {
  init: async args => (await import('./init/init.ts')).init(process.cwd(), args),
  dev: async args => (await import('./dev.ts')).dev(takeListening(args, process.env, 'dev').rest),
  build: async args => (await import('./build.ts')).build(process.cwd(), args),
  start: () => run(FRONT),
  doctor: () => run(FRONT),
  config: () => run(FRONT),
  healthcheck: async args => {
    if (args.length > 0) throw new Error(TEXTS.noArguments(args.join(' ')))
    return run(HEALTHCHECK)
  },
  'from-nginx': async args => (await import('./nginx/print.ts')).fromNginx(args, languageOf(process.env)),
  ecs: async args => (await import('./ecs/ecs.ts')).ecs(args, languageOf(process.env)),
}

/** In this process, so that signals reach it. */
async function run(program: URL): Promise<undefined> {
  const { NODE_ENV } = process.env
  // a front in development is `gatehouse dev`'s
  Object.assign(process.env, {
    NODE_ENV: NODE_ENV === 'development' ? 'production' : NODE_ENV || 'production',
  })
  await import(program.href)
}

/** In one line. What parseArgs says of an argument that it does not know is long, and in English alone. */
function messageOf(error: unknown): string {
  if (systemErrorCode(error) === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const [, option = ''] = /'(-[^']*)'/.exec(String(error)) ?? []
    return TEXTS.unknownOption(option, `gatehouse ${name} --help`)
  }
  if (error instanceof ConfigError) return error.in(languageOf(process.env))
  if (error instanceof Error && 'path' in error)
    return TEXTS.noFile(String(error.path), systemErrorCode(error))
  return error instanceof Error ? error.message : String(error)
}

const VERSION = ['--version', '-v']
const [, , name = '', ...rest] = process.argv
const args = rest.map(each => (each === '-h' ? '--help' : each))
const command = COMMANDS[name]
if (command) {
  const usage = args.includes('--help') ? USAGES[name] : undefined
  try {
    if (usage !== undefined) process.stdout.write(`gatehouse ${usage}`)
    else if (args.some(each => VERSION.includes(each))) process.stdout.write(`${about.version}\n`)
    else {
      const code = await command(args)
      if (code !== undefined) process.exitCode = code
    }
  } catch (error) {
    process.stderr.write(`gatehouse ${name}: ${messageOf(error)}\n`)
    process.exitCode = 1
  }
} else if (['version', ...VERSION].includes(name)) {
  process.stdout.write(`${about.version}\n`)
} else {
  const isAsked = ['', 'help', '--help', '-h'].includes(name)
  process[isAsked ? 'stdout' : 'stderr'].write(
    isAsked ? TEXTS.usage : `gatehouse: ${TEXTS.noCommand(name)}\n\n${TEXTS.usage}`,
  )
  process.exitCode = isAsked ? 0 : 1
}
