import { existsSync } from 'node:fs'
import { cp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, extname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { readBuild } from '../lib/pages/build.ts'

const WORTH = new Set([
  '.js',
  '.css',
  '.svg',
  '.html',
  '.json',
  '.txt',
  '.xml',
  '.map',
  '.wasm',
  '.webmanifest',
  '.ico',
  '.ttf',
  '.otf',
])
/** Below it the headers are more than what is saved. */
const LEAST_BYTES = 512

const brotli = promisify(brotliCompress)
const zip = promisify(gzip)

async function compress(file: string) {
  const bytes = await readFile(file)
  if (bytes.length < LEAST_BYTES) return
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  const made = [
    { name: `${file}.br`, bytes: await brotli(bytes, { params }) },
    { name: `${file}.gz`, bytes: await zip(bytes, { level: 9 }) },
  ]
  for (const each of made) if (each.bytes.length < bytes.length) await writeFile(each.name, each.bytes)
}

/**
 * After `next build`: lays a .br and a .gz beside each static file that gets smaller by it. `public/` is copied first, with
 * what its links lead to, and the workers get to see both folders, which they need for next/image alone.
 * @param root the folder that has `.next`
 */
export async function precompress(root: string): Promise<void> {
  const { standalone } = readBuild(root)
  const [staticFiles, publicFiles] = [join(root, '.next/static'), join(standalone, 'public')]
  if (existsSync(join(root, 'public')))
    await cp(join(root, 'public'), publicFiles, { recursive: true, dereference: true })
  for (const folder of [staticFiles, publicFiles].filter(existsSync)) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const files = entries.filter(entry => entry.isFile() && WORTH.has(extname(entry.name)))
    await Promise.all(files.map(entry => compress(join(entry.parentPath, entry.name))))
  }
  // last: tools/ready.mjs takes it for the sign that all of this is done
  const seen = join(standalone, '.next/static')
  await rm(seen, { recursive: true, force: true })
  await symlink(relative(dirname(seen), staticFiles), seen)
}

if (import.meta.main) await precompress('.')
