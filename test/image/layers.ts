import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { z } from 'zod'
import { type Buildah, run } from './buildah.ts'

/** What an image adds to its base. */
export type Added = {
  /** of everything in it, folders and links too, without those folders that only lead there */
  readonly paths: readonly string[]
  /** as a tar archive, and as a registry keeps it */
  readonly bytes: number
  readonly compressedBytes: number
}

const Manifest = z.object({ layers: z.array(z.object({ digest: z.string() })) })

const zip = promisify(gzip)

/** @param below how many layers the base has */
export async function addedBy(buildah: Buildah, name: string, below: number): Promise<Added> {
  const folder = join(buildah.folder, 'layers')
  await buildah.run('push', '--quiet', '--disable-compression', name, `dir:${folder}`)
  const { layers } = Manifest.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')))
  const added: Added[] = []
  for (const { digest } of layers.slice(below)) {
    const file = join(folder, digest.replace(/^sha256:/, ''))
    const paths = (await run('tar', '--list', '--file', file)).split('\n').filter(path => /[^/]$/.test(path))
    const compressedBytes = (await zip(await readFile(file))).length
    added.push({ paths, bytes: (await stat(file)).size, compressedBytes })
  }
  const sum = (key: 'bytes' | 'compressedBytes') => added.reduce((total, each) => total + each[key], 0)
  return {
    paths: added.flatMap(each => each.paths),
    bytes: sum('bytes'),
    compressedBytes: sum('compressedBytes'),
  }
}
