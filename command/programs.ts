/** What runs on its own. In the package all of it lies beside this file (tools/pack.ts). */
const beside = (source: string, bundled: string) =>
  new URL(import.meta.url.endsWith('.ts') ? source : bundled, import.meta.url)

export const FRONT = beside('../server.ts', './front.mjs')
export const HEALTHCHECK = beside('./healthcheck.ts', './healthcheck.mjs')
