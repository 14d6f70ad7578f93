#!/usr/bin/env node
import { existsSync } from 'node:fs'

/** Loads the rest only where it runs: this file alone must run on any Node. */
const LEAST = 26
const [major = ''] = process.versions.node.split('.')
if (Number(major) >= LEAST) {
  const command = import.meta.url.endsWith('.ts') ? './command.ts' : './command.mjs'
  await import(new URL(command, import.meta.url).href)
} else {
  const { LC_ALL, LC_MESSAGES, LANG } = process.env
  const isJapanese = /^ja(?![a-z])/.test(LC_ALL || LC_MESSAGES || LANG || '')
  // each runs no install scripts, or may not, and the package needs its own; pnpm 9 runs them, and refuses the option
  const older = isJapanese ? 'pnpm 9 以前：' : 'pnpm 9 or older: '
  const [add, run] = existsSync('pnpm-lock.yaml')
    ? [
        `pnpm add --save-dev --allow-build=node node@${LEAST} && pnpm rebuild node\n  ${older}pnpm add --save-dev node@${LEAST}`,
        'pnpm',
      ]
    : [`npm install --save-dev node@${LEAST} && npm rebuild node --ignore-scripts=false`, 'npx']
  process.stderr.write(
    isJapanese
      ? `gatehouse には Node.js ${LEAST} 以降が必要です（現在は ${process.versions.node}）。次のコマンドでプロジェクトにインストールすると、スクリプトと \`${run}\` がそれを使います：\n  ${add}\n`
      : `gatehouse needs Node.js ${LEAST} or newer, and this is ${process.versions.node}. This puts one into the project, which its scripts and \`${run}\` then use:\n  ${add}\n`,
  )
  process.exitCode = 1
}
