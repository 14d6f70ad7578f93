import { existsSync, readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { z } from 'zod'
import { spellings } from './names.ts'

/** What next.config.js and proxy.ts became in the build; rules with conditions are about requests for pages. */
const Rule = z.object({ regex: z.string(), has: z.unknown().optional(), missing: z.unknown().optional() })
const Routes = z.object({
  headers: z
    .array(Rule.extend({ headers: z.array(z.object({ key: z.string(), value: z.string() })) }))
    .default([]),
  redirects: z.array(Rule.extend({ internal: z.boolean().optional() })).default([]),
  rewrites: z
    .union([z.array(z.unknown()), z.object({ beforeFiles: z.array(Rule).default([]) })])
    .default([])
    .transform(rewrites => ('beforeFiles' in rewrites ? rewrites.beforeFiles : [])),
})
const Matched = z.object({ matchers: z.array(z.object({ regexp: z.string() })).default([]) })
/** proxy.ts runs on Node; the older middleware.ts on the edge runtime unless told otherwise. */
const OnNode = z.object({ functions: z.record(z.string(), Matched).default({}) })
const OnEdge = z.object({ middleware: z.record(z.string(), Matched).default({}) })

export type Rules = {
  /** Sets what `headers()` of next.config.js has for a path. */
  setHeaders(res: ServerResponse, path: string): void
  /** Whether something of the app is asked before a file of `public/` with such a path: proxy.ts, redirects, rewrites. */
  comesFirst(path: string): boolean
}

/**
 * @param root the folder that has `.next`
 * @param standalone the folder of the standalone server, with a `.next` of its own
 */
export function readRules(root: string, standalone: string): Rules {
  const { headers, redirects, rewrites } = Routes.parse(read(join(root, '.next/routes-manifest.json')) ?? {})
  const rules = headers
    .filter(({ has, missing }) => has === undefined && missing === undefined)
    .map(rule => ({ ...rule, regex: anyCase(rule) }))
  const before = [
    ...[...redirects.filter(each => !each.internal), ...rewrites].map(anyCase),
    ...matchersOf(root, standalone).map(each => new RegExp(each)),
  ]
  return {
    setHeaders(res, path) {
      for (const rule of rules) {
        if (rule.regex.test(path)) for (const { key, value } of rule.headers) res.setHeader(key, value)
      }
    },
    comesFirst:
      before.length === 0
        ? () => false
        : path => [path, ...spellings(path)].some(one => before.some(each => each.test(one))),
  }
}

/** Next takes what next.config.js names in any case, and does not write that down; a matcher of proxy.ts as it is. */
const anyCase = ({ regex }: { regex: string }) => new RegExp(regex, 'i')

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
