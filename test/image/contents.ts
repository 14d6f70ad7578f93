import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { open, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { LIKE_A_LARGE_HEAP } from '../../lib/pages/workers/v8-flags.ts'
import { head, type Image } from './build.ts'
import type { Buildah } from './buildah.ts'
import { runIn } from './container.ts'
import type { Added } from './layers.ts'

export const MB = 1024 ** 2
/** What the image is built with, and must not be in it. */
export const KEY = randomBytes(32).toString('base64')
/** How often the image is built; `npm test` says once. */
export const BUILDS = Number(process.env.IMAGE_BUILDS ?? 2)

export const inMb = (bytes: number) => `${(bytes / MB).toFixed(1)} MB`

const Sbom = z.object({ components: z.array(z.object({ name: z.string(), version: z.string() })) })

/** The first four bytes of a program, a library or an addon. */
const ELF = '\x7fELF'

/** Empty for a folder, a link, and what removes a file of the base. */
async function headOf(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined)
  if (!file) return ''
  try {
    const { buffer } = (await file.stat()).isFile()
      ? await file.read(Buffer.alloc(4), 0, 4, 0)
      : { buffer: '' }
    return buffer.toString('latin1')
  } finally {
    await file.close()
  }
}

type Made = {
  readonly buildah: Buildah
  readonly image: Image
  /** of the second build */
  readonly again: Image | undefined
  /** where its files are */
  readonly root: string
  readonly added: Added
}

/** The tests of what is in the image that image.test.ts builds: it takes a minute. */
export function testContents(made: () => Made) {
  test('an application is 30 MB at most without its base', t => {
    const { added } = made()
    t.diagnostic(`${inMb(added.bytes)} without the base, ${inMb(added.compressedBytes)} compressed`)
    assert.ok(added.bytes <= 30 * MB, `${added.bytes}`)
  })

  test('nothing is in it but the application, and npm is not', async () => {
    const { added, root } = made()
    const other = added.paths.filter(path => !path.startsWith('app/'))
    assert.deepEqual(
      other.filter(path => !/^(usr\/local\/(bin|lib)|opt|root)\/\.wh\./.test(path)),
      [],
    )
    const unwanted = /\.tsx?$|\/sharp|@img|node_modules\/(typescript|esbuild)\/|\.npmrc|\/cache\/|\.env/
    assert.deepEqual(
      added.paths.filter(path => unwanted.test(path)),
      [],
    )
    assert.deepEqual(await readdir(join(root, 'usr/local/bin')), ['node'])
  })

  test('two builds of a commit are the same', {
    skip: BUILDS < 2 && 'npm run test:image builds twice',
  }, () => {
    const { again, image } = made()
    assert.ok(image.layers.length > 1)
    assert.deepEqual(again?.layers, image.layers)
  })

  test('it says what it is, and nothing of the key that it was built with', async () => {
    const { buildah, image } = made()
    assert.equal(image.labels['org.opencontainers.image.revision'], await head())
    assert.equal((await buildah.run('inspect', '--type', 'image', 'localhost/one')).includes(KEY), false)
  })

  test('it adds no machine code to its base, so the same files make the image for arm64', async () => {
    const { added, root } = made()
    const files = added.paths.map(path => join(root, path))
    const heads = await Promise.all(files.map(headOf))
    assert.deepEqual(
      files.filter((_, i) => heads[i] === ELF),
      [],
    )
    assert.equal(await headOf(join(root, 'usr/local/bin/node')), ELF)
  })

  test('its SBOM has every package that is bundled, and every one that Next’s output has', async () => {
    const { root } = made()
    const read = async (path: string) =>
      Sbom.parse(JSON.parse(await readFile(join(root, path, 'sbom.cdx.json'), 'utf8'))).components
    const bundled = (await read('app/dist')).map(({ name, version }) => `${name} ${version}`)
    const licences = await readFile(join(root, 'app/dist/LICENSES.txt'), 'utf8')
    const named = [...licences.matchAll(/^-{80}\n\n(\S+ \S+) \(/gm)].map(([, each = '']) => each)
    assert.ok(named.some(each => each.startsWith('pino ')))
    assert.deepEqual(bundled.toSorted(), named.toSorted())
    const installed = (await read('app/.next/standalone')).map(({ name }) => name)
    for (const name of ['next', 'react', '@opentelemetry/api']) assert.ok(installed.includes(name), name)
  })

  test('what Next loads for traces is in it, and the licences of all', () => {
    const { added } = made()
    const standalone = 'app/.next/standalone'
    for (const path of [
      `${standalone}/.next/server/instrumentation.js`,
      `${standalone}/LICENSES.txt`,
      'app/dist/LICENSES.txt',
    ])
      assert.ok(added.paths.includes(path), path)
  })

  test('what the front and a page worker load is compiled already, and they can put nothing in its place', async () => {
    const { image, root } = made()
    const compiled = (...args: string[]) => {
      const { output } = runIn(root, image, { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' }, 'node', ...args)
      // neither --eval, nor two small modules of ECMAScript that Next has
      return [
        ...output.matchAll(
          /code cache for \w+ (\/app\/\S+|\S+front.mjs) was (accepted|rejected|not initialized)/g,
        ),
      ]
    }
    const next = `require('/app/.next/standalone/node_modules/next/dist/server/next-server.js')`
    const front = compiled('dist/front.mjs', '--help')
    const worker = compiled(...LIKE_A_LARGE_HEAP, '--eval', next)
    assert.ok(front.length > 0 && worker.length > 100, `${front.length}, ${worker.length}`)
    assert.deepEqual(
      [...front, ...worker].filter(([, , how]) => how !== 'accepted').map(([, file]) => file),
      [],
    )
    const cache = join(root, 'app/.compile-cache')
    for (const path of ['', ...(await readdir(cache, { recursive: true }))])
      assert.equal((await stat(join(cache, path))).uid, 0, path)
  })
}
