import about from '../package.json' with { type: 'json' }
import { textsOf } from './language.ts'

type Shown = {
  readonly port: number
  readonly adminPort: number
  /** how long the start took, in ms */
  readonly ms: number
  /** of the demo backend, where that runs */
  readonly account: { readonly name: string; readonly password: string } | undefined
}

/** What development prints when it can be used: where, and how to log in. */
export function urlBlock({ port, adminPort, ms, account }: Shown): string {
  const { urls, demo, ready } = textsOf(process.env)
  const rows = [
    `${urls.app}  http://localhost:${port}/`,
    `${urls.status}  http://127.0.0.1:${adminPort}/`,
    ...(account ? [`${urls.account}  ${account.name} / ${account.password}  (${demo})`] : []),
  ]
  return `\n  ${ready(about.version, Math.round(ms))}\n\n${rows.map(row => `  ➜  ${row}\n`).join('')}\n`
}
