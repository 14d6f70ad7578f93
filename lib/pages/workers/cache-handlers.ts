import { dirname, resolve } from 'node:path'

/**
 * The app's `cacheHandler` and `cacheHandlers` by whole paths. By the relative ones that the build has written Next's server would load those of the
 * standalone output and each page those of the app's folder: two modules, of which one never hears of a revalidation by the other.
 * Call when server.js has given its config, and Next has not read it.
 * @returns each, a path or a `file:` URL
 */
export function nameCacheHandlers(): string[] {
  const config: unknown = JSON.parse(process.env.__NEXT_PRIVATE_STANDALONE_CONFIG ?? 'null')
  if (typeof config !== 'object' || config === null) return []
  const { distDir, cacheHandler, cacheHandlers }: Record<string, unknown> = { ...config }
  if (typeof distDir !== 'string') return []
  const [, script = ''] = process.argv
  const folder = resolve(dirname(script), distDir)
  const named = new Set<string>()
  function name(handler: unknown) {
    if (typeof handler !== 'string') return handler
    const whole = handler.startsWith('file:') ? handler : resolve(folder, handler)
    named.add(whole)
    return whole
  }
  const one = name(cacheHandler)
  const several = Object.entries(cacheHandlers ?? {}).map(([kind, handler]) => [kind, name(handler)])
  if (named.size > 0)
    process.env.__NEXT_PRIVATE_STANDALONE_CONFIG = JSON.stringify({
      ...config,
      cacheHandler: one,
      ...(cacheHandlers !== undefined && { cacheHandlers: Object.fromEntries(several) }),
    })
  return [...named]
}
