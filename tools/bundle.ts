import { copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { z } from 'zod'

/**
 * `npm run bundle`: the front as one file that needs no node_modules, and beside it what it reads at run time. Next stays
 * outside, for PAGE_WORKERS=0 and development alone: a page worker runs Next's standalone server, which has its own.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url))
const ENTRIES = {
  front: 'server.ts',
  // preloaded into each page worker
  'in-worker': 'lib/pages/in-worker.ts',
  healthcheck: 'lib/ops/healthcheck.ts',
}
/** Copied, not bundled: a browser asks for them. */
const UPLOT = { 'uplot.js': 'uPlot.esm.js', 'uplot.css': 'uPlot.min.css' }
/** Packages of CommonJS ask for Node's modules by `require`, which a module does not have. */
const REQUIRE = `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);`
const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i

const Package = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string(),
  author: z.union([z.string(), z.object({ name: z.string() }).transform(author => author.name)]).optional(),
})

/**
 * Bundles the front into a folder, which is emptied first.
 * @returns the packages in it, as `name@version`
 */
export async function bundle(folder: string): Promise<string[]> {
  await rm(folder, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ENTRIES,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    external: ['next'],
    banner: { js: REQUIRE },
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  })
  await copyPage(join(folder, 'page'))
  const inputs = Object.keys(metafile.inputs).map(path => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0])
  const packages = [...new Set(inputs), 'node_modules/uplot'].filter(path => path !== undefined).sort()
  return writeLicences(join(folder, 'LICENSES.txt'), packages)
}

async function copyPage(folder: string) {
  await mkdir(folder)
  const filter = (path: string) => !path.endsWith('.ts')
  await cp(join(ROOT, 'lib/ops/page'), folder, { recursive: true, filter })
  for (const [name, file] of Object.entries(UPLOT))
    await copyFile(join(ROOT, 'node_modules/uplot/dist', file), join(folder, name))
}

/**
 * Every package with its own licence files; the MIT's words, which are Gatehouse's too, for one that has left them out.
 * @throws where another licence is left out
 */
async function writeLicences(file: string, packages: readonly string[]): Promise<string[]> {
  const own = await readFile(join(ROOT, 'LICENSE'), 'utf8')
  const texts = [`Gatehouse\n\n${own.trim()}\n`]
  const names: string[] = []
  for (const path of packages) {
    const { name, version, license, author } = Package.parse(
      JSON.parse(await readFile(join(ROOT, path, 'package.json'), 'utf8')),
    )
    const files = (await readdir(join(ROOT, path))).filter(each => LICENCE_FILE.test(each)).sort()
    const words = await Promise.all(files.map(each => readFile(join(ROOT, path, each), 'utf8')))
    if (words.length === 0) {
      if (license !== 'MIT')
        throw new Error(`${name} ${version} comes without the text of its licence, ${license}`)
      words.push(own.replace(/^Copyright .*$/m, `Copyright (c) ${author ?? `the authors of ${name}`}`))
    }
    texts.push([`${name} ${version} (${license})`, ...words.map(text => text.trim())].join('\n\n'))
    names.push(`${name}@${version}`)
  }
  await writeFile(file, texts.join(`\n\n${'-'.repeat(80)}\n\n`))
  return names
}

if (import.meta.main) {
  const packages = await bundle(join(ROOT, 'dist'))
  process.stdout.write(`dist/front.mjs, with ${packages.join(', ')}\n`)
}
