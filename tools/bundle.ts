import { copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { licenceOf, together } from './licences.ts'
import { writeSbom } from './sbom.ts'

/**
 * `npm run bundle`: the front as one file that needs no node_modules, and beside it what it reads at run time. Next stays
 * outside, for PAGE_WORKERS=0 and development alone: a page worker runs Next's standalone server, which has its own.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url))
const ENTRIES = {
  front: 'server.ts',
  // preloaded into each page worker
  preload: 'lib/pages/workers/preload.ts',
  healthcheck: 'command/healthcheck.ts',
  // run while an image is built
  'compile-cache': 'command/compile-cache.ts',
}
/** Copied, not bundled: a browser asks for them. */
const UPLOT = { 'uplot.js': 'uPlot.esm.js', 'uplot.css': 'uPlot.min.css' }
/** Packages of CommonJS ask for Node's modules by `require`, which a module does not have. */
const REQUIRE = `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);`

/**
 * Bundles the front into a folder, which is emptied first.
 * @param more further programs, as name → file
 * @param sharing further programs that have what they share in files of its own
 * @returns the packages in it, as paths: node_modules/zod
 */
export async function bundle(
  folder: string,
  more: Readonly<Record<string, string>> = {},
  sharing: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  await rm(folder, { recursive: true, force: true })
  const files = [
    ...(await compile(folder, { ...ENTRIES, ...more }, false)),
    ...(await compile(folder, sharing, true)),
  ]
  await copyPage(join(folder, 'page'))
  const inputs = files.map(path => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0])
  const paths = [...new Set(inputs), 'node_modules/uplot'].filter(path => path !== undefined).sort()
  const own = await readFile(join(ROOT, 'LICENSE'), 'utf8')
  const licences = [`Gatehouse\n\n${own.trim()}`, ...(await Promise.all(paths.map(licenceOf)))]
  await writeFile(join(folder, 'LICENSES.txt'), together(licences))
  return paths
}

/** @returns the files that went in */
async function compile(folder: string, entryPoints: Readonly<Record<string, string>>, splitting: boolean) {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting,
    chunkNames: 'shared-[hash]',
    platform: 'node',
    format: 'esm',
    target: 'node26',
    external: ['next', '@playwright/test'],
    banner: { js: REQUIRE },
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  })
  return Object.keys(metafile.inputs)
}

async function copyPage(folder: string) {
  await mkdir(folder)
  const filter = (path: string) => !path.endsWith('.ts')
  await cp(join(ROOT, 'lib/admin/page'), folder, { recursive: true, filter })
  for (const [name, file] of Object.entries(UPLOT))
    await copyFile(join(ROOT, 'node_modules/uplot/dist', file), join(folder, name))
  for (const name of ['runbook.md', 'runbook.ja.md'])
    await copyFile(join(ROOT, 'docs', name), join(folder, name))
}

if (import.meta.main) {
  const packages = await bundle(join(ROOT, 'dist'))
  await writeSbom(join(ROOT, 'dist'), packages)
  process.stdout.write(`dist/front.mjs, with ${packages.length} packages in it\n`)
}
