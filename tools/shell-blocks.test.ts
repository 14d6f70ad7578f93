import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { shellBlocks } from '../test/shell-blocks.ts'
import { markdownOf } from './links.ts'

test('the commands of the documentation can be pasted into bash and into zsh', () => {
  const blocks = markdownOf('.').flatMap(file => shellBlocks(readFileSync(file, 'utf8')))
  assert.ok(blocks.length > 20)
  for (const wrong of [
    'npm start   # listens at 4000',
    'aws x --y Z=[{A=$B}]',
    'curl http://localhost:4000/?a=1',
  ])
    assert.throws(() => shellBlocks(`\`\`\`sh\n${wrong}\n\`\`\`\n`), wrong)
})
