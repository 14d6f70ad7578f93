import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Build } from '../build.ts'

/** What next.config.js and proxy.ts became in the build. */
const Rule = z.object({ regex: z.string() })
const HeaderRule = Rule.extend({
  headers: z.array(z.object({ key: z.string(), value: z.string() })),
  has: z.unknown().optional(),
  missing: z.unknown().optional(),
})
const Rewrite = Rule.extend({ source: z.string().optional() })
const Routes = z.object({
  caseSensitive: z.boolean().default(false),
  headers: z.array(HeaderRule).default([]),
  onMatchHeaders: z.array(Rule).default([]),
  redirects: z.array(Rule).default([]),
  rewrites: z
    .union([z.array(z.unknown()), z.object({ beforeFiles: z.array(Rewrite).default([]) })])
    .default([])
    .transform(rewrites => ('beforeFiles' in rewrites ? rewrites.beforeFiles : [])),
})
const Matched = z.object({ matchers: z.array(z.object({ regexp: z.string() })).default([]) })
/** proxy.ts runs on Node; the older middleware.ts on the edge runtime unless told otherwise. */
const OnNode = z.object({ functions: z.record(z.string(), Matched).default({}) })
const OnEdge = z.object({ middleware: z.record(z.string(), Matched).default({}) })

/** A value with a parameter of `source` in it: `:path*`. A port or `data:` is none. */
const PARAMETER = /:[a-z_]/i

/**
 * The headers that `headers()` of next.config.js gives the file at a path, names in lower case; undefined where the answer
 * depends on the request: proxy.ts, a redirect or a rewrite comes first, or a rule has a condition or a parameter.
 */
export type HeadersAt = (path: string) => Readonly<Record<string, string>> | undefined

/**
 * @param root the folder that has `.next`
 * @param build `standalone` has a `.next` of its own
 */
export function readRules(
  root: string,
  { standalone, assetPaths }: Pick<Build, 'standalone' | 'assetPaths'>,
): HeadersAt {
  const routes = Routes.parse(read(join(root, '.next/routes-manifest.json')) ?? {})
  const flags = routes.caseSensitive ? '' : 'i'
  const toRegex = ({ regex }: { regex: string }) => new RegExp(regex, flags)
  // Next's own for assetPrefix (next/dist/lib/load-custom-routes.js): it leads to these files
  const own = new Set(assetPaths.map(path => `${path}/_next/:path+`))
  const rewrites = routes.rewrites.filter(({ source }) => source === undefined || !own.has(source))
  const first = [
    ...[...routes.redirects, ...rewrites, ...routes.onMatchHeaders].map(toRegex),
    ...matchersOf(root, standalone).map(each => new RegExp(each)),
  ]
  const rules = routes.headers.map(rule => ({ ...rule, regex: toRegex(rule) }))
  return path => {
    const spellings = [path, decodeURIComponent(path)]
    if (first.some(each => spellings.some(one => each.test(one)))) return undefined
    const headers: Record<string, string> = {}
    for (const rule of rules.filter(each => each.regex.test(path))) {
      if (rule.has !== undefined || rule.missing !== undefined) return undefined
      for (const { key, value } of rule.headers) {
        const name = key.toLowerCase()
        if (PARAMETER.test(key) || PARAMETER.test(value) || name === 'set-cookie') return undefined
        headers[name] = value
      }
    }
    return headers
  }
}

function matchersOf(root: string, standalone: string): string[] {
  const manifest = (name: string) =>
    read(join(standalone, '.next/server', name)) ?? read(join(root, '.next/server', name)) ?? {}
  const { functions } = OnNode.parse(manifest('functions-config-manifest.json'))
  const { middleware } = OnEdge.parse(manifest('middleware-manifest.json'))
  const all = [functions['/_middleware'], ...Object.values(middleware)]
  return all.flatMap(each => each?.matchers.map(({ regexp }) => regexp) ?? [])
}

const read = (file: string): unknown =>
  existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
