import { realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Buildah, run } from './buildah.ts'

/** Unpacked by tools/ready.mjs, and kept from one run to the next. */
const DEBIAN = '.image/trixie'

/**
 * Stands in for node:26-trixie-slim, which is not to be had without a registry: a small Debian, the Node of the
 * repository and this machine's npm, where the official image has them.
 * @returns the name of the image
 */
export async function makeBase(buildah: Buildah): Promise<string> {
  const container = (await buildah.run('from', 'scratch')).trim()
  const root = (await buildah.run('mount', container)).trim()
  const at = (...path: string[]) => join(root, ...path)
  await run('cp', '-a', `${DEBIAN}/.`, root)
  // what they would have if their packages had been installed
  await run('cp', at('usr/share/base-passwd/passwd.master'), at('etc/passwd'))
  await run('touch', ...['hosts', 'hostname', 'resolv.conf'].map(name => at('etc', name)))
  await run('mkdir', '-p', ...['mnt', 'usr/local/bin', 'usr/local/lib/node_modules'].map(each => at(each)))
  await run('cp', '-L', 'node_modules/node/bin/node', at('usr/local/bin/node'))
  await run('cp', '-a', await npmFolder(), at('usr/local/lib/node_modules/npm'))
  for (const name of ['npm', 'npx'])
    await run('ln', '-s', `../lib/node_modules/npm/bin/${name}-cli.js`, at('usr/local/bin', name))
  await buildah.run('umount', container)
  await buildah.run('commit', '--quiet', '--rm', container, 'localhost/base')
  return 'localhost/base'
}

/** Where npm on this machine is: beside the program of its name. */
async function npmFolder(): Promise<string> {
  const program = process.env.npm_execpath ?? (await run('which', 'npm')).trim()
  return resolve(await realpath(program), '../..')
}
