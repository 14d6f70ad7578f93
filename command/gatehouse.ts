#!/usr/bin/env node
/** Loads the rest only where it runs: this file alone must run on any Node. */
const LEAST = 26
const [major = ''] = process.versions.node.split('.')
if (Number(major) >= LEAST) {
  const command = import.meta.url.endsWith('.ts') ? './command.ts' : './command.mjs'
  await import(new URL(command, import.meta.url).href)
} else {
  const { LC_ALL, LC_MESSAGES, LANG } = process.env
  const isJapanese = /^ja(?![a-z])/.test(LC_ALL || LC_MESSAGES || LANG || '')
  process.stderr.write(
    isJapanese
      ? `gatehouse には Node.js ${LEAST} 以降が必要です（現在は ${process.versions.node}）。\`npm install --save-dev node@${LEAST}\` でプロジェクトに\n` +
          'インストールすると、`npm run` と `npx` がそれを使います（npm がインストールスクリプトを実行しない設定なら `npm rebuild node --ignore-scripts=false` も必要です）。\n'
      : `gatehouse needs Node.js ${LEAST} or newer, and this is ${process.versions.node}. \`npm install --save-dev node@${LEAST}\` puts one into\n` +
          'the project, which `npm run` and `npx` then use (where npm runs no install scripts, `npm rebuild node --ignore-scripts=false` is needed, too).\n',
  )
  process.exitCode = 1
}
