import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** What `next build` has left, and how its files are asked for. */
export type Build = {
  /** Next's standalone server.js; with outputFileTracingRoot it lies as deep as the app lies below that */
  readonly script: string
  /** the folder of it */
  readonly standalone: string
  /** what stands before `/_next/static/` in a URL: basePath, and what assetPrefix says */
  readonly assetPaths: readonly string[]
  /** whether the app keeps its cache elsewhere than in the memory of one process, by a handler of its own */
  readonly hasCacheHandler: boolean
  /** whether `generateEtags` of next.config is on */
  readonly etags: boolean
}

const Written = z.object({
  relativeAppDir: z.string().default(''),
  config: z.object({
    basePath: z.string().default(''),
    assetPrefix: z.string().default(''),
    generateEtags: z.boolean().default(true),
    cacheHandler: z.string().optional(),
    cacheHandlers: z.record(z.string(), z.unknown()).default({}),
  }),
})

/** @param root the folder that has `.next` */
export function readBuild(root: string): Build {
  const file = join(root, '.next/required-server-files.json')
  const { relativeAppDir, config } = Written.parse(
    existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { config: {} },
  )
  const standalone = join(root, '.next/standalone', relativeAppDir)
  return {
    script: join(standalone, 'server.js'),
    standalone,
    etags: config.generateEtags,
    hasCacheHandler: config.cacheHandler !== undefined || Object.keys(config.cacheHandlers).length > 0,
    assetPaths: [...new Set([config.basePath, pathOf(config.assetPrefix) ?? config.basePath])],
  }
}

/** @throws where the standalone server is not there, or as `next build` alone has left it: without the files of `public/` and `.next/static` */
export function assertBuilt(root: string, { script, standalone }: Build): void {
  if (!existsSync(script)) throw new Error(`${script} is not there; \`npm run build\` makes it`)
  const files = join(standalone, '.next/static')
  if (existsSync(join(root, '.next/static')) && !existsSync(files))
    throw new Error(`${files} is not there; \`gatehouse build\` makes it, and \`next build\` alone does not`)
}

/** `/cdn` of `/cdn/` and of `https://cdn.dev.jp/cdn`; undefined where there is none. */
function pathOf(assetPrefix: string): string | undefined {
  if (assetPrefix === '') return undefined
  const path = URL.parse(assetPrefix)?.pathname ?? assetPrefix
  return path.replace(/\/+$/, '').replace(/^(?=[^/])/, '/')
}
