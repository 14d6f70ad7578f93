import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import about from '../package.json' with { type: 'json' }

const ROOT = fileURLToPath(new URL('..', import.meta.url))

const Package = z.object({ name: z.string(), version: z.string() })

/** CycloneDX, as far as something is changed in it. */
const Bom = z.looseObject({
  metadata: z.looseObject({ component: z.looseObject({}) }),
  components: z.array(z.looseObject({ 'bom-ref': z.string() })),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).optional() })),
})

/**
 * The SBOM (CycloneDX, JSON) of some installed packages, by `npm sbom` from the lock file. What npm says of the whole repository is
 * reduced to them: most of it is in no image, and its own `--omit=dev` leaves out what a development package needs, too (npm 11.19:
 * pino and zod). Two of a commit are the same: there is no serial number, and the time is SOURCE_DATE_EPOCH's.
 * @param paths of the packages from the repository: node_modules/zod
 * @throws where npm does not know one of them
 */
export async function sbomOf(paths: readonly string[]): Promise<string> {
  const args = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only']
  const { status, stdout, stderr } = spawnSync('npm', args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 ** 2,
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error(`npm ${args.join(' ')}: ${stderr}`)
  const { serialNumber: _random, ...bom } = Bom.parse(JSON.parse(stdout))
  const { timestamp: _now, ...metadata } = bom.metadata

  const wanted = new Set(await Promise.all(paths.map(refOf)))
  const components = bom.components.filter(each => wanted.has(each['bom-ref']))
  const missing = [...wanted].filter(ref => !components.some(each => each['bom-ref'] === ref))
  if (missing.length > 0) throw new Error(`npm sbom knows no ${missing.join(', ')}: run npm ci`)
  const own = `${about.name}@${about.version}`
  const dependencies = bom.dependencies
    .filter(({ ref }) => wanted.has(ref) || ref === own)
    .map(each => ({ ...each, dependsOn: each.dependsOn?.filter(ref => wanted.has(ref)) ?? [] }))
  const { SOURCE_DATE_EPOCH: epoch } = process.env
  const said = {
    ...bom,
    metadata: {
      ...(epoch && { timestamp: new Date(Number(epoch) * 1000).toISOString() }),
      ...metadata,
      // npm takes the folder's
      component: { ...metadata.component, name: about.name },
    },
    components,
    dependencies,
  }
  return `${JSON.stringify(said, null, 2)}\n`
}

/** Writes it beside what it is about. */
export const writeSbom = async (folder: string, paths: readonly string[]): Promise<void> =>
  writeFile(join(folder, 'sbom.cdx.json'), await sbomOf(paths))

async function refOf(path: string): Promise<string> {
  const { name, version } = Package.parse(
    JSON.parse(await readFile(join(ROOT, path, 'package.json'), 'utf8')),
  )
  return `${name}@${version}`
}
