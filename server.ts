import { runArguments } from './command/arguments.ts'
import { openFront } from './lib/front/open.ts'
import { stopGracefully } from './lib/front/stopping.ts'
import { createLog } from './lib/log.ts'
import { openPages } from './lib/pages/open.ts'
import { loadConfigFile } from './lib/settings/config-file.ts'
import { ConfigError, readConfig } from './lib/settings/settings.ts'

async function main() {
  const dev = process.env.NODE_ENV === 'development'
  const config = readConfig(process.env, await loadConfigFile(process.cwd()))
  const log = createLog(config.LOG_LEVEL, dev && process.stdout.isTTY)
  const front = await openFront({
    config,
    log,
    openPages(urls, port) {
      Object.assign(process.env, urls)
      return openPages(dev, { ...config, PORT: port }, log)
    },
  })
  stopGracefully({ config, log, front, pagesHere: dev || config.PAGE_WORKERS === 0 })
  const { ports } = front
  log.info(
    { host: config.HOST, ...ports, backend: front.backends.map(({ name }) => name).join(', ') },
    'ready',
  )
  process.send?.(ports) // `gatehouse dev` prints them
}

if (!(await runArguments(process.argv.slice(2)))) {
  main().catch((error: unknown) => {
    const why = error instanceof ConfigError ? error.message : `Gatehouse cannot start: ${String(error)}`
    process.stderr.write(`${why}\n`)
    process.exit(1)
  })
}
