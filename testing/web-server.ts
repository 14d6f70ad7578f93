import { z } from 'zod'
import { startBalancer } from './balancer.ts'
import { startFront } from './front.ts'

/** The program of `webServer()`: a balancer and a front before it, until a signal comes or whoever started it is gone. */
const Options = z.object({
  port: z.number(),
  target: z.string().optional(),
  app: z.string().optional(),
  development: z.boolean().optional(),
  settings: z.record(z.string(), z.string()).optional(),
  config: z
    .object({ routes: z.array(z.looseObject({})), backends: z.record(z.string(), z.string()).optional() })
    .optional(),
  command: z.array(z.string()).optional(),
})

const given = Options.parse(JSON.parse(process.env.GATEHOUSE_TESTING_WEB_SERVER ?? ''))
const { port, target, app, development, settings, config, command } = given
const balancer = await startBalancer(target === undefined ? {} : { target })
const front = await startFront({
  balancer,
  settings: { PORT: String(port), ...settings },
  ...(app !== undefined && { app }),
  ...(development !== undefined && { development }),
  ...(config && { config: { routes: config.routes, ...(config.backends && { backends: config.backends }) } }),
  ...(command && { command }),
})
const { name, password } = balancer.account
process.stdout.write(`${front.url} (${target ?? `account: ${name} / ${password}`})\n`)
// Playwright shows what is on stderr: the tests themselves would see a 502 alone
if (target !== undefined)
  fetch(target, { method: 'HEAD', redirect: 'manual' }).catch(({ cause }: Error) =>
    process.stderr.write(
      `The target ${target} cannot be reached: ${cause}. Start the API there, or correct \`target\`.\n`,
    ),
  )

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, async () => {
    await front.stop()
    await balancer.close()
    process.exit()
  })
