import { hkdfSync } from 'node:crypto'
import { globSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { licenceFiles, licenceOf, together } from './licences.ts'
import { writeSbom } from './sbom.ts'

/** What an image needs after `npm run build` (Dockerfile): licences and SBOM of Next's output, and keys that stay the same. */
const STANDALONE = '.next/standalone'
/** Next has these packages in itself, in files of its own. */
const COMPILED = 'node_modules/next/dist/compiled'

const Keys = z.object({
  previewModeId: z.string(),
  previewModeSigningKey: z.string(),
  previewModeEncryptionKey: z.string(),
})

/**
 * Next takes its key for server actions from the environment, and makes those for draft mode up in every build: two builds
 * of a commit would differ. Where the one is given, the others come from it.
 */
async function keepKeys(secret: string) {
  const folder = join(STANDALONE, '.next')
  const keys = Keys.parse(JSON.parse(await readFile(join(folder, 'server/preview-props.json'), 'utf8')))
  for (const name of globSync('{*,server/**/*}.{js,json}', { cwd: folder })) {
    const before = await readFile(join(folder, name), 'utf8')
    let text = before
    for (const [purpose, key] of Object.entries(keys)) {
      const derived = Buffer.from(hkdfSync('sha256', secret, '', purpose, key.length / 2)).toString('hex')
      text = text.replaceAll(key, derived)
    }
    if (text !== before) await writeFile(join(folder, name), text)
  }
}

/** Paths of the packages in Next's output. */
const packagesOf = (folder: string, pattern: string) =>
  globSync(pattern, { cwd: join(STANDALONE, folder) })
    .map(file => join(folder, dirname(file)))
    .sort()
const INSTALLED = packagesOf('node_modules', '{*,@*/*}/package.json')

async function writeLicences() {
  const licences = await Promise.all(INSTALLED.map(licenceOf))
  for (const path of packagesOf(COMPILED, '**/package.json')) {
    const texts = await licenceFiles(path)
    if (texts.length > 0) licences.push([path, ...texts].join('\n\n'))
  }
  await writeFile(join(STANDALONE, 'LICENSES.txt'), together(licences))
}

const { NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: secret } = process.env
if (secret) await keepKeys(secret)
await writeLicences()
await writeSbom(STANDALONE, INSTALLED)
