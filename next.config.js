import { PHASE_DEVELOPMENT_SERVER } from 'next/constants.js'

/**
 * @param {string} phase one of next/constants' PHASE_*
 * @returns {import('next').NextConfig}
 */
export default function config(phase) {
  const development = phase === PHASE_DEVELOPMENT_SERVER
  return {
    // the page workers run what this makes: a server.js with all that it needs, lib/pages/workers/process.ts
    output: 'standalone',
    // No page uses next/image. Without its optimizer nothing needs sharp, which is half of the output. For one that does:
    // leave out both lines.
    images: { unoptimized: true },
    outputFileTracingExcludes: { 'next-server': ['node_modules/{sharp,@img}/**/*'] },
    // the same commit gives the same files (docs/image.md); Next makes a name up where there is none
    generateBuildId: () => process.env.COMMIT || null,
    poweredByHeader: false,
    reactStrictMode: true,
    // Without it `next dev` writes instructions for coding assistants into the repository.
    agentRules: false,
    // A build checks the pages' types; the tests' and the front's are `npm run check`'s.
    typescript: { tsconfigPath: 'tsconfig.build.json' },
    experimental: {
      // In ms. For rewrites to the API: a little above BACKEND_TIMEOUT, whose 504 is the better answer.
      proxyTimeout: 60_000,
    },
    ...(development && { rewrites: loginsToEgress }),
    headers: async () => [{ source: '/:path*', headers: securityHeaders(development) }],
  }
}

/** Development alone: in production nothing but server.ts may be in front of the pages. */
async function loginsToEgress() {
  const { rewrites } = await import('./tools/next-dev.ts')
  return { beforeFiles: await rewrites(), afterFiles: [], fallback: [] }
}

/** @param {boolean} development */
function securityHeaders(development) {
  return Object.entries({
    'Content-Security-Policy': contentSecurityPolicy(development),
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'Referrer-Policy': 'strict-origin-when-cross-origin',
    'X-Content-Type-Options': 'nosniff',
    // What frame-ancestors says, for browsers older than it.
    'X-Frame-Options': 'DENY',
  }).map(([key, value]) => ({ key, value }))
}

/**
 * Next starts a page by inline scripts that differ in every answer, so it is 'unsafe-inline' or a nonce. A nonce needs
 * a proxy.ts before every page: 0.7 ms of CPU a page (4.1 → 4.8 ms measured). React escapes what these pages show,
 * they put no HTML in by hand and load no foreign script, so that buys little here. Pages that do want it: they are
 * rendered per request already, for the language. In development React needs eval, and Next inline styles and a socket.
 * @param {boolean} development
 */
function contentSecurityPolicy(development) {
  return [
    "default-src 'none'",
    `script-src 'self' 'unsafe-inline'${development ? " 'unsafe-eval'" : ''}`,
    `style-src 'self'${development ? " 'unsafe-inline'" : ''}`,
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${development ? ' ws:' : ''}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}
