import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The tests of lib/ in one process: in one each, to load CDK took half of the CPU of all of them. */
const folder = fileURLToPath(new URL('..', import.meta.url))
for (const file of globSync('lib/**/*.test.ts', { cwd: folder }).sort())
  await import(new URL(`../${file}`, import.meta.url).href)
