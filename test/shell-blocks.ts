import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'

/** What zsh, the shell of macOS, takes otherwise where it is typed: `#` begins no comment there, and a pattern that fits no file is an error. */
const ONLY_BASH = /(?:^|\s)#.*|\S*[[\]?*]\S*/m

/** The blocks for a shell on a page: bash can read each, and zsh takes it when it is pasted. */
export function shellBlocks(page: string): string[] {
  const blocks = [...page.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].map(([, block = '']) => block)
  for (const block of blocks) {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: block, encoding: 'utf8' })
    assert.equal(status, 0, stderr)
    const unquoted = block.replace(/'[^']*'|"[^"]*"|\$\{[^}]*\}/g, '""')
    assert.equal(ONLY_BASH.exec(unquoted)?.[0], undefined, block)
  }
  return blocks
}
