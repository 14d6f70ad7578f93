import { existsSync } from 'node:fs'
import { cp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, extname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { readBuild } from '../lib/pages/build.ts'

/** Of what a build makes, and the front serves (lib/pages/static/static.ts); Next compresses all else itself. */
const WORTH = new Set(['.js', '.css', '.svg', '.json', '.txt', '.ico'])
/** Below it the headers are more than what is saved. */
const LEAST_BYTES = 512

const brotli = promisify(brotliCompress)
const zip = promisify(gzip)

async function compress(file: string) {
  const bytes = await readFile(file)
  if (bytes.length < LEAST_BYTES) return
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  const zipped = await zip(bytes, { level: 9 })
  if (zipped.length >= bytes.length) return
  await writeFile(`${file}.gz`, zipped)
  await writeFile(`${file}.br`, await brotli(bytes, { params }))
}

/**
 * After `next build`: lays a .br and a .gz beside each built file that gets smaller by it, and lets Next's standalone server see
 * `.next/static`, `public/` and `static/` where they are, and what the build has cached of `fetch` and `unstable_cache`. A script may make files of `public/`
 * after this, so that it is not copied.
 * @param root the folder that has `.next`
 */
export async function precompress(root: string): Promise<void> {
  const { standalone } = readBuild(root)
  const staticFiles = join(root, '.next/static')
  const entries = existsSync(staticFiles)
    ? await readdir(staticFiles, { recursive: true, withFileTypes: true })
    : []
  const files = entries.filter(entry => entry.isFile() && WORTH.has(extname(entry.name)))
  await Promise.all(files.map(entry => compress(join(entry.parentPath, entry.name))))
  await link(join(root, 'public'), join(standalone, 'public'))
  // Next's own name for it until 9.1, which it still serves
  if (existsSync(join(root, 'static'))) await link(join(root, 'static'), join(standalone, 'static'))
  // a copy: what a worker caches goes there, and the next build begins with its own. Next takes the age of a value from its file's
  const cached = join(root, '.next/cache/fetch-cache')
  if (existsSync(cached))
    await cp(cached, join(standalone, '.next/cache/fetch-cache'), {
      recursive: true,
      preserveTimestamps: true,
    })
  // last: tools/ready.mjs takes it for the sign that all of this is done
  await link(staticFiles, join(standalone, '.next/static'))
}

/** By a relative link, so that both may be moved together, into an image. On Windows by a junction, which everybody may make. */
async function link(folder: string, from: string) {
  await rm(from, { recursive: true, force: true })
  await symlink(relative(dirname(from), folder), from, 'junction')
}

if (import.meta.main) await precompress('.')
