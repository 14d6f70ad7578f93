import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The last is what tools/ready.mjs unpacks for a base. */
const NEEDED = ['/usr/bin/buildah', '/usr/bin/unshare', '/usr/bin/nsenter', '.image/trixie']

/** Why images can't be built here, if so. */
export function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'it takes root'
  const missing = NEEDED.filter(program => !existsSync(program))
  if (missing.length > 0) return `${missing.join(', ')} is not there`
  // root in a container may not do what root of a machine may
  const mounts = ['--mount', '--pid', '--fork', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']
  const { status, stderr } = spawnSync('/usr/bin/unshare', mounts, { encoding: 'utf8' })
  return status === 0 ? undefined : `nothing may be mounted here: ${stderr}`
}

const execute = promisify(execFile)

/**
 * Runs a program to its end; what it printed.
 * @throws with the end of its output where it fails
 */
export async function run(program: string, ...args: string[]): Promise<string> {
  try {
    return (await execute(program, args, { maxBuffer: 64 * 1024 ** 2 })).stdout
  } catch (error) {
    if (!(error instanceof Error && 'stdout' in error && 'stderr' in error)) throw error
    throw new Error(`${program} ${args.join(' ')}: ${`${error.stdout}${error.stderr}`.slice(-4000)}`)
  }
}

export type Buildah = {
  /** for what an image is made of */
  readonly folder: string
  run(...args: string[]): Promise<string>
  /** a folder with the image's files, until it is closed */
  mount(image: string): Promise<string>
  close(): Promise<void>
}

/** Buildah with a store of its own, below a folder that is gone afterwards. */
export async function openBuildah(): Promise<Buildah> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-image-'))
  const store = [
    '--root',
    join(folder, 'store'),
    '--runroot',
    join(folder, 'run'),
    '--storage-driver',
    'overlay',
  ]
  const buildah = (...args: string[]) => run('/usr/bin/buildah', ...store, ...args)
  return {
    folder,
    run: buildah,
    async mount(image) {
      const container = (await buildah('from', '--pull-never', image)).trim()
      return (await buildah('mount', container)).trim()
    },
    async close() {
      await buildah('rm', '--all')
      // the store is mounted on itself
      await run('umount', join(folder, 'store/overlay')).catch(() => {})
      await rm(folder, { recursive: true, force: true })
    },
  }
}
