import { loadConfigFile } from '../lib/settings/config-file.ts'
import { routesTable } from '../lib/settings/routes-table.ts'
import { settingsList } from '../lib/settings/schema.ts'
import { ConfigError, NO_ORIGIN, readConfig } from '../lib/settings/settings.ts'
import about from '../package.json' with { type: 'json' }
import { runDoctor } from './doctor/doctor.ts'
import { languageOf, textsOf } from './language.ts'
import { takeListening } from './listening.ts'

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
  if (name === 'config' && (help || rest.length === 0)) {
    const list = settingsList(languageOf(process.env))
    return say(help ? `${textsOf(process.env).config}${list}` : `${list}${await routesInForce()}`)
  }
  if (name === 'doctor' && help) return say(textsOf(process.env).doctor)
  if (name === 'doctor' && rest.every(each => each === '--json')) {
    process.exitCode = await runDoctor(process.env, rest)
    return true
  }
  return refuse(args)
}

function runStart(args: readonly string[]): boolean {
  const { rest, help } = takeListening(args, process.env, 'start')
  if (help) return say(textsOf(process.env).start(settingsList(languageOf(process.env))))
  return rest.length > 0 && refuse(rest)
}

function say(text: string): true {
  process.stdout.write(text)
  return true
}

function refuse(args: readonly string[]): true {
  process.stderr.write(`${textsOf(process.env).unknownArgument(args.join(' '))}\n`)
  process.exitCode = 1
  return true
}

/** The table of routes, or the mistakes, which make the exit code 1; empty where nothing says where the API is. */
async function routesInForce(): Promise<string> {
  try {
    const file = await loadConfigFile(process.cwd())
    const isKnown = file !== undefined || Boolean(process.env.BACKEND_ORIGIN?.trim())
    const config = readConfig(isKnown ? process.env : { ...process.env, BACKEND_ORIGIN: NO_ORIGIN }, file)
    return isKnown
      ? `\n${textsOf(process.env).routes(file?.name ?? 'BACKEND_PATHS')}\n\n${routesTable(config, languageOf(process.env))}\n`
      : ''
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.exitCode = 1
    return `\n${error.in(languageOf(process.env))}\n`
  }
}
