import { nameInUrl, selfOf } from '../lib/pages/self.ts'
import about from '../package.json' with { type: 'json' }
import { textsOf } from './language.ts'

/** A listener on all addresses is on loopback, too. */
const ANY = new Set(['0.0.0.0', '::'])

type Shown = {
  /** what the listeners bind */
  readonly host: string
  readonly adminHost: string
  readonly port: number
  readonly adminPort: number
  /** how long the start took, in ms */
  readonly ms: number
  /** of the demo backend, where that runs */
  readonly account: { readonly name: string; readonly password: string } | undefined
}

/** What development prints when it can be used: where, and how to log in. */
export function urlBlock({ host, port, adminHost, adminPort, ms, account }: Shown): string {
  const { urls, demo, ready } = textsOf(process.env)
  const admin = { hostname: ANY.has(adminHost) ? '127.0.0.1' : adminHost, port: adminPort }
  const rows = [
    `${urls.app}  http://${nameInUrl(selfOf(host, port))}/`,
    `${urls.status}  http://${nameInUrl(admin)}/`,
    ...(account ? [`${urls.account}  ${account.name} / ${account.password}  (${demo})`] : []),
  ]
  return `\n  ${ready(about.version, Math.round(ms))}\n\n${rows.map(row => `  ➜  ${row}\n`).join('')}\n`
}
