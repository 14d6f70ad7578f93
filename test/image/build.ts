import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import tls from 'node:tls'
import { z } from 'zod'
import { type Buildah, run } from './buildah.ts'

/** What an image says of itself. */
export type Image = {
  readonly user: string
  readonly folder: string
  readonly env: readonly string[]
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  readonly healthcheck: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  /** digests of the layers' contents, those of the base first */
  readonly layers: readonly string[]
}

const Inspected = z.object({
  Docker: z.object({
    config: z.object({
      User: z.string(),
      WorkingDir: z.string(),
      Env: z.array(z.string()),
      Entrypoint: z.array(z.string()).nullish(),
      Cmd: z.array(z.string()),
      Healthcheck: z.object({ Test: z.array(z.string()) }),
      Labels: z.record(z.string(), z.string()),
    }),
    rootfs: z.object({ diff_ids: z.array(z.string()) }),
  }),
})

/**
 * Builds the Dockerfile as a team would, from a base of this machine. Npm's settings of this machine are there while it
 * builds, in a folder that is empty in the base and in the image.
 * @param context from makeContext
 */
export async function buildImage(
  buildah: Buildah,
  { name, context, base, key }: { name: string; context: string; base: string; key: string },
): Promise<void> {
  const epoch = (await run('git', 'log', '-1', '--format=%ct')).trim()
  const args = [`BASE=${base}`, `COMMIT=${await head()}`, `SOURCE_DATE_EPOCH=${epoch}`]
  const secret = `NEXT_SERVER_ACTIONS_ENCRYPTION_KEY=${key}`
  await buildah.run(
    // without a cache of layers: to write away what npm installs costs as much CPU as to install it
    ...['bud', '--isolation', 'chroot', '--network', 'host', '--format', 'docker', '--layers=false'],
    ...['--timestamp', epoch, '--volume', `${await npmSettings(buildah.folder)}:/usr/local/etc:ro`],
    ...[...args, secret].flatMap(each => ['--build-arg', each]),
    ...['--tag', name, context],
  )
}

/** A copy of the repository, without what Git ignores. */
export async function makeContext({ folder }: Buildah): Promise<string> {
  const context = await mkdtemp(join(folder, 'context-'))
  const files = (await run('git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard')).split('\0')
  for (const file of files.filter(existsSync)) {
    await mkdir(dirname(join(context, file)), { recursive: true })
    await copyFile(file, join(context, file))
  }
  return context
}

export const head = async () => (await run('git', 'rev-parse', 'HEAD')).trim()

/** A folder with all that npm is told on this machine: which registry, which certificates. */
export async function npmSettings(folder: string): Promise<string> {
  const settings = join(folder, 'npm')
  await mkdir(settings, { recursive: true, mode: 0o700 })
  const ask = async (name: string) => (await run('npm', 'config', 'get', name)).trim()
  const files = [await ask('globalconfig'), await ask('userconfig')]
  const texts = await Promise.all(files.map(file => readFile(file, 'utf8').catch(() => '')))
  texts.push(`registry=${await ask('registry')}`)
  const configured = await ask('cafile')
  const more = configured === 'null' ? process.env.NODE_EXTRA_CA_CERTS : configured
  if (more) {
    await writeFile(
      join(settings, 'ca.pem'),
      [...tls.rootCertificates, await readFile(more, 'utf8')].join('\n'),
    )
    texts.push('cafile=/usr/local/etc/ca.pem')
  }
  await writeFile(join(settings, 'npmrc'), texts.join('\n'))
  return settings
}

export async function inspect(buildah: Buildah, name: string): Promise<Image> {
  const { Docker } = Inspected.parse(JSON.parse(await buildah.run('inspect', '--type', 'image', name)))
  const { User, WorkingDir, Env, Entrypoint, Cmd, Healthcheck, Labels } = Docker.config
  return {
    user: User,
    folder: WorkingDir,
    env: Env,
    entrypoint: Entrypoint ?? [],
    command: Cmd,
    healthcheck: Healthcheck.Test.slice(1),
    labels: Labels,
    layers: Docker.rootfs.diff_ids,
  }
}
