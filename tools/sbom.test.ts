import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { z } from 'zod'
import about from '../package.json' with { type: 'json' }
import { sbomOf } from './sbom.ts'

const PACKAGES = ['node_modules/zod', 'node_modules/pino', 'node_modules/thread-stream', 'node_modules/uplot']

const Bom = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string(),
  metadata: z.object({
    timestamp: z.string().optional(),
    component: z.object({ name: z.string(), version: z.string(), type: z.literal('application') }),
  }),
  components: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      purl: z.string(),
      licenses: z.array(z.unknown()).min(1),
      hashes: z.array(z.object({ alg: z.literal('SHA-512'), content: z.string() })).length(1),
    }),
  ),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
})

test('an SBOM has the packages that were asked for, each with version, purl, licence and hash, and no other', async () => {
  const { metadata, components, dependencies } = Bom.parse(JSON.parse(await sbomOf(PACKAGES)))
  assert.deepEqual([metadata.component.name, metadata.component.version], [about.name, about.version])
  assert.deepEqual(
    components.map(({ name }) => `node_modules/${name}`),
    PACKAGES.toSorted(),
  )
  for (const { name, version, purl } of components) assert.equal(purl, `pkg:npm/${name}@${version}`)
  const refs = components.map(({ name, version }) => `${name}@${version}`)
  const own = `${about.name}@${about.version}`
  for (const { ref, dependsOn } of dependencies) {
    assert.ok(ref === own || refs.includes(ref), ref)
    for (const each of dependsOn) assert.ok(refs.includes(each), each)
  }
  assert.ok(
    dependencies.find(({ ref }) => ref.startsWith('pino@'))?.dependsOn.some(each => /^thread-/.test(each)),
  )
})

test('two of a commit are the same, with its time', async t => {
  t.mock.timers.enable({ apis: ['Date'], now: 0 })
  process.env.SOURCE_DATE_EPOCH = '1764000000'
  t.after(() => delete process.env.SOURCE_DATE_EPOCH)
  const [one = '', two] = [await sbomOf(PACKAGES), await sbomOf(PACKAGES)]
  assert.equal(one, two)
  assert.doesNotMatch(one, /serialNumber/)
  assert.equal(Bom.parse(JSON.parse(one)).metadata.timestamp, '2025-11-24T16:00:00.000Z')
})

test('a package that the lock file does not know is no package to be silent about', async () => {
  await assert.rejects(sbomOf(['.']), /npm sbom knows no gatehouse@.*: run npm ci/)
})

test('what is compiled for one architecture is in the lock file for arm64 as well: the image is built for both', async () => {
  const lock = z
    .object({ packages: z.record(z.string(), z.looseObject({ optional: z.boolean().optional() })) })
    .parse(JSON.parse(await readFile('package-lock.json', 'utf8')))
  const paths = Object.keys(lock.packages)
  const native = paths.filter(path => /linux-x64(-gnu)?$/.test(path))
  assert.ok(native.length >= 4, `${native}`)
  for (const path of native) assert.ok(paths.includes(path.replace('x64', 'arm64')), path)
})
