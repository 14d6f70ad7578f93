import { join } from 'node:path'
import type { NextConfig } from 'next'

/** An app in a monorepo: its packages lie two folders above it. */
const root = join(process.cwd(), '../..')

const config: NextConfig = {
  basePath: '/shop',
  outputFileTracingRoot: root,
  turbopack: { root },
  agentRules: false,
  headers: async () => [{ source: '/:path*', headers: [{ key: 'X-Shop', value: 'yes' }] }],
}

export default config
