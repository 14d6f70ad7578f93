import { fileURLToPath } from 'node:url'

const here = name => fileURLToPath(new URL(name, import.meta.url))

/** @type {import('next').NextConfig} */
export default {
  output: 'standalone',
  outputFileTracingRoot: here('.'),
  agentRules: false,
  // the pages are checked with the rest of the repository
  typescript: { ignoreBuildErrors: true },
  // both are written in docs/caches.md
  cacheMaxMemorySize: 0,
  cacheHandler: here('cache-handler.cjs'),
  cacheHandlers: { default: here('cache-handlers.cjs') },
  experimental: { useCache: true },
}
