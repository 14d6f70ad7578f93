import { loadConfigFile } from '../lib/settings/config-file.ts'
import { routesTable } from '../lib/settings/routes-table.ts'
import { ConfigError, readConfig, settingsTable } from '../lib/settings/settings.ts'
import about from '../package.json' with { type: 'json' }
import { runDoctor } from './doctor/doctor.ts'
import { LISTENING_USAGE, takeListening } from './listening.ts'

const START_USAGE = `start [OPTIONS]: the front with page workers, which are built before (\`npm run build\` or \`gatehouse build\`).

${LISTENING_USAGE}
Everything else is set up by environment variables:

`

const DOCTOR_USAGE = `doctor [--json]: says what is wrong between here and the backend, with the settings of the environment.

  --json    the same for a program
The exit code is 1 where something is wrong.
`

/**
 * Does what the arguments of server.ts ask for other than to start the front. `gatehouse start`, `config` and `doctor` come
 * here as well (command.ts).
 * @returns false where the front is to be started; `--port` and `--hostname` are settings in the environment by then
 */
export async function runArguments(args: readonly string[]): Promise<boolean> {
  const isNamed = args[0] !== undefined && !args[0].startsWith('-')
  const name = isNamed ? args[0] : 'start'
  const rest = isNamed ? args.slice(1) : args
  const help = rest.some(each => each === '--help' || each === '-h')
  if (rest.includes('--version') || rest.includes('-v')) return say(`${about.version}\n`)
  if (name === 'start') return runStart(rest)
  if (name === 'config' && (help || rest.length === 0))
    return say(`${settingsTable()}\n${await routesInForce()}`)
  if (name === 'doctor' && help) return say(DOCTOR_USAGE)
  if (name === 'doctor' && rest.every(each => each === '--json')) {
    process.exitCode = await runDoctor(process.env, rest)
    return true
  }
  return refuse(args)
}

function runStart(args: readonly string[]): boolean {
  const { rest, help } = takeListening(args, process.env)
  if (help) return say(`${START_USAGE}${settingsTable()}\n`)
  return rest.length > 0 && refuse(rest)
}

function say(text: string): true {
  process.stdout.write(text)
  return true
}

function refuse(args: readonly string[]): true {
  process.stderr.write(
    `Gatehouse does not know the argument ${args.join(' ')}. It takes start [--port PORT] [--hostname HOST], config, doctor [--json], --help or --version; without any it starts.\n`,
  )
  process.exitCode = 1
  return true
}

/** The table of routes, or what is wrong with it; empty where nothing says where the API is. */
async function routesInForce(): Promise<string> {
  try {
    const file = await loadConfigFile(process.cwd())
    if (!file && !process.env.BACKEND_ORIGIN?.trim()) return ''
    const config = readConfig(process.env, file)
    return `\nRoutes, from ${file?.name ?? 'BACKEND_PATHS'}; what none of them takes goes to the pages:\n\n${routesTable(config)}\n`
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return `\n${error.message}\n`
  }
}
