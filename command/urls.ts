import about from '../package.json' with { type: 'json' }

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
  const rows = [
    `App:      http://localhost:${port}/`,
    `Status:   http://127.0.0.1:${adminPort}/`,
    ...(account
      ? [
          `Account:  ${account.name} / ${account.password}  (BACKEND_ORIGIN is not set: a demo backend runs along)`,
        ]
      : []),
  ]
  return `\n  Gatehouse ${about.version}  ready in ${Math.round(ms)} ms\n\n${rows.map(row => `  ➜  ${row}\n`).join('')}\n`
}
