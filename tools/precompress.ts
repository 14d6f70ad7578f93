import { existsSync } from 'node:fs'
import { cp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/**
 * After `next build`: lays a .br and a .gz beside each static file that gets smaller by it. `public/` is copied first, with
 * what its links lead to, and the workers get to see both folders, which they need for next/image alone.
 */
const [STATIC, PUBLIC] = ['.next/static', '.next/standalone/public']
const STATIC_OF_WORKERS = '.next/standalone/.next/static'
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

if (existsSync('public')) await cp('public', PUBLIC, { recursive: true, dereference: true })
for (const folder of [STATIC, PUBLIC].filter(existsSync)) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile() && WORTH.has(extname(entry.name)))
  await Promise.all(files.map(entry => compress(join(entry.parentPath, entry.name))))
}
// last: tools/ready.mjs takes it for the sign that all of this is done
await rm(STATIC_OF_WORKERS, { recursive: true, force: true })
await symlink('../../static', STATIC_OF_WORKERS)
