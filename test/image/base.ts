import { existsSync } from 'node:fs'
import { mkdir, realpath, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Buildah, run } from './buildah.ts'

/** Kept from one run to the next: Debian is not for the test's sake made anew. */
const DEBIAN = '.image/trixie.tar'
const SUITE = 'trixie'

/**
 * Stands in for node:26-trixie-slim, which is not to be had without a registry: a small Debian, the Node of the
 * repository and this machine's npm, where the official image has them.
 * @returns the name of the image
 */
export async function makeBase(buildah: Buildah): Promise<string> {
  if (!existsSync(DEBIAN)) await makeDebian(join(buildah.folder, 'debian'))
  const container = (await buildah.run('from', 'scratch')).trim()
  await buildah.run('add', '--quiet', container, DEBIAN, '/')
  await buildah.run('copy', '--quiet', container, 'node_modules/node/bin/node', '/usr/local/bin/node')
  await buildah.run('copy', '--quiet', container, await npmFolder(), '/usr/local/lib/node_modules/npm')
  const root = (await buildah.run('mount', container)).trim()
  for (const name of ['npm', 'npx'])
    await run('ln', '-s', `../lib/node_modules/npm/bin/${name}-cli.js`, join(root, 'usr/local/bin', name))
  await buildah.run('umount', container)
  await buildah.run('commit', '--quiet', '--rm', container, 'localhost/base')
  return 'localhost/base'
}

async function makeDebian(root: string) {
  await run('/usr/sbin/debootstrap', '--variant=minbase', '--include=libatomic1', SUITE, root)
  await run('touch', join(root, 'etc/hosts'))
  await mkdir('.image', { recursive: true })
  const left = ['./dev/*', './var/cache/apt/*', './var/lib/apt/lists/*', './var/log/*']
  const args = left.map(path => `--exclude=${path}`)
  await run('tar', '--directory', root, ...args, '--create', '--file', `${DEBIAN}.part`, '.')
  await rename(`${DEBIAN}.part`, DEBIAN)
  await rm(root, { recursive: true })
}

/** Where npm on this machine is: beside the program of its name. */
async function npmFolder(): Promise<string> {
  const program = process.env.npm_execpath ?? (await run('which', 'npm')).trim()
  return resolve(await realpath(program), '../..')
}
