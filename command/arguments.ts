import { loadConfigFile } from '../lib/settings/config-file.ts'
import { routesTable } from '../lib/settings/routes-table.ts'
import { ConfigError, readConfig, settingsTable } from '../lib/settings/settings.ts'
import about from '../package.json' with { type: 'json' }
import { runDoctor } from './doctor/doctor.ts'

/**
 * Does what the arguments of server.ts ask for other than to start the front. `gatehouse start`, `config` and `doctor` come
 * here as well (command.ts).
 * @returns false where the front is to be started
 */
export async function runArguments(args: readonly string[]): Promise<boolean> {
  const [name = 'start', ...rest] = args
  if (name === 'start' && rest.length === 0) return false
  if ([name, ...rest].includes('--help') || name === 'config') {
    process.stdout.write(
      `Gatehouse is set up by environment variables:\n\n${settingsTable()}\n${await routesInForce()}`,
    )
  } else if (name === '--version') {
    process.stdout.write(`${about.version}\n`)
  } else if (name === 'doctor' && rest.every(each => each === '--json')) {
    process.exitCode = await runDoctor(process.env, rest)
  } else {
    process.stderr.write(
      `Gatehouse does not know the argument ${args.join(' ')}. It takes doctor [--json], --help, --version, or none to start.\n`,
    )
    process.exitCode = 1
  }
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
