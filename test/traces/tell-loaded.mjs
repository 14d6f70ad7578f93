// Preloaded into a front: prints each module of OpenTelemetry that it loads. Not into page workers, where Next looks for the API.
import { registerHooks } from 'node:module'

if (process.argv[1]?.endsWith('server.ts')) {
  registerHooks({
    load(url, context, next) {
      if (url.includes('@opentelemetry')) process.stdout.write(`loaded ${url}\n`)
      return next(url, context)
    },
  })
}
