import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What the package exports of testing/: each has declarations. */
const TESTING = ['index', 'playwright'] as const

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const OPTIONS = [
  ...['--declaration', '--emitDeclarationOnly', '--noEmit', 'false', '--incremental', 'false'],
  ...[
    '--allowImportingTsExtensions',
    '--ignoreConfig',
    '--skipLibCheck',
    '--strict',
    '--exactOptionalPropertyTypes',
  ],
  ...['--target', 'es2024', '--lib', 'es2024,esnext.disposable,dom', '--module', 'esnext', '--types', 'node'],
  ...['--moduleResolution', 'bundler', '--resolveJsonModule', '--rootDir', ROOT],
]
const IMPORT = /(from '|import\(["'])(\.[^'"]+)\.ts(["'])/g

/**
 * Writes the declarations of the exports of testing/, and of what these name, into a folder: `index.d.ts`, `playwright.d.ts`.
 * Only what is reached from there: no other file of the repository has its types in the package.
 * @throws with what the compiler says
 */
export async function writeTestingTypes(folder: string): Promise<void> {
  const emitted = await mkdtemp(join(tmpdir(), 'gatehouse-types-'))
  try {
    const tsc = createRequire(import.meta.url).resolve('typescript/package.json')
    const files = TESTING.map(name => join(ROOT, `testing/${name}.ts`))
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(dirname(tsc), 'bin/tsc'), ...OPTIONS, '--outDir', emitted, ...files],
      { cwd: ROOT, encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(`tsc: ${stdout}${stderr}`)
    await mkdir(folder, { recursive: true })
    const left = TESTING.map(name => String(name))
    const written = new Set<string>()
    for (let name = left.pop(); name !== undefined; name = left.pop()) {
      if (written.has(name)) continue
      written.add(name)
      const text = await readFile(join(emitted, `testing/${name}.d.ts`), 'utf8')
      for (const [, , path = ''] of text.matchAll(IMPORT)) left.push(path.replace(/^\.\//, ''))
      await writeFile(join(folder, `${name}.d.ts`), text.replaceAll(IMPORT, '$1$2.js$3'))
    }
  } finally {
    await rm(emitted, { recursive: true })
  }
}
