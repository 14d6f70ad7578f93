import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../test/temporary-folder.ts'
import { anchorsOf, brokenLinks, linksOf, markdownOf } from './links.ts'

test('every link in the documentation leads to something that is there', () => {
  assert.ok(markdownOf('.').includes('README.md') && markdownOf('.').includes('docs/runbook.md'))
  assert.deepEqual(brokenLinks('.'), [])
})

test('a file that is not there, a heading that is not there and a path out of the repository are found', async t => {
  const root = await temporaryFolder(t)
  await writeFile(join(root, 'b.md'), '# B\n\n## What it is\n')
  const good = '[b](b.md) [b](b.md#what-it-is) [here](#a) [there](https://example.com/x)'
  await writeFile(
    join(root, 'a.md'),
    `# A\n\n${good} [c](c.md) [b](b.md#what) ![](no.svg) [up](../a.md) [x](#x)\n`,
  )
  const found = ['c.md', 'b.md#what', 'no.svg', '../a.md', '#x'].map(link => `a.md: ${link}`)
  assert.deepEqual(brokenLinks(root), found)
})

test('links stand in text, references and HTML, and not in code', () => {
  const text =
    '[`a`](a.md "A") <img src="b.svg"> `[c](c.md)`\n\n[d]: d.md\n\n```md\n[e](e.md)\n```\n![f](f.png)\n'
  assert.deepEqual(linksOf(text), ['a.md', 'b.svg', 'd.md', 'f.png'])
})

test('headings are reached as GitHub names them, and by their own id', () => {
  const text =
    '# A `b_c` d!\n## [Link](x.md), and so\n## <a id="a"></a>設定 と 値\n## Twice\n## Twice\n```\n# no heading\n```\n'
  assert.deepEqual([...anchorsOf(text)], ['a-b_c-d', 'link-and-so', 'a', '設定-と-値', 'twice', 'twice-1'])
})
