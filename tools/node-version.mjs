// Loaded before server.ts by `npm start`: an older Node.js says what is needed, where it would fail on the first TypeScript.
// This file alone must run on any Node from 18 on.
import { readFileSync } from 'node:fs'

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const [least] = /\d+/.exec(engines.node) ?? []
if (Number.parseInt(process.versions.node, 10) < Number(least)) {
  process.stderr.write(
    `Gatehouse needs Node.js ${least} or newer, and this is ${process.versions.node} (${process.execPath}).\n` +
      'Install it (`nvm install` reads .nvmrc), or run `npm ci`: it puts one into the project, which `npm start` then takes.\n',
  )
  process.exit(1)
}
