import { spawnSync } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import about from '../package.json' with { type: 'json' }
import { bundle } from './bundle.ts'
import { writeSbom } from './sbom.ts'
import { writeTestingTypes } from './testing-types.ts'

/**
 * `npm run pack`: the package `gatehouse` for an app that exists already, as a tarball. It is made of bundles: Node runs no
 * TypeScript below node_modules, and an app gets neither our packages nor a second Next.js.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PROGRAMS = { gatehouse: 'command/gatehouse.ts', command: 'command/command.ts' }
const KIT = {
  testing: 'testing/index.ts',
  'testing-playwright': 'testing/playwright.ts',
  'testing-preload': 'testing/preload.ts',
  'testing-web-server': 'testing/web-server.ts',
}

/**
 * @param destination the folder that gets the tarball
 * @returns its path
 */
export async function pack(destination: string): Promise<string> {
  const { name, version, description, license, engines } = about
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-pack-'))
  try {
    const dist = join(folder, 'dist')
    await writeSbom(dist, await bundle(dist, PROGRAMS, KIT))
    await writeTestingTypes(join(folder, 'testing'))
    const manifest = {
      name,
      version,
      description,
      license,
      type: 'module',
      bin: { gatehouse: 'dist/gatehouse.mjs' },
      // `import type { GatehouseConfig } from 'gatehouse'`; there is nothing to run
      types: './index.d.ts',
      exports: {
        '.': { types: './index.d.ts' },
        './testing': { types: './testing/index.d.ts', default: './dist/testing.mjs' },
        './testing/playwright': {
          types: './testing/playwright.d.ts',
          default: './dist/testing-playwright.mjs',
        },
        './package.json': './package.json',
      },
      engines,
      peerDependencies: { next: '>=16', '@playwright/test': '>=1.50' },
      // of `gatehouse/testing/playwright` alone
      peerDependenciesMeta: { '@playwright/test': { optional: true } },
    }
    await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
    await copyFile(join(ROOT, 'lib/settings/gatehouse-config.ts'), join(folder, 'index.d.ts'))
    await copyFile(join(ROOT, 'docs/adopt.md'), join(folder, 'README.md'))
    await copyFile(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'))
    await mkdir(destination, { recursive: true })
    const args = ['pack', '--pack-destination', destination]
    const { status, stdout, stderr, error } = spawnSync('npm', args, {
      cwd: folder,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    })
    if (status !== 0) throw new Error(`npm ${args.join(' ')}: ${stdout}${stderr}${error ?? ''}`)
    return join(destination, `${name}-${version}.tgz`)
  } finally {
    await rm(folder, { recursive: true })
  }
}

if (import.meta.main) process.stdout.write(`${await pack(join(ROOT, 'dist'))}\n`)
