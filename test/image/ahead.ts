import { rm } from 'node:fs/promises'
import { buildImages, FIRST } from './build.ts'
import { openBuildah, whyNot } from './buildah.ts'

/**
 * `node test/image/ahead.ts FOLDER`: builds the image into a store in this folder, for image.test.ts. Where it can't, the folder is gone
 * afterwards, and the test builds the image itself, or says why it is skipped.
 */
const [, , folder] = process.argv
if (folder === undefined) throw new Error('the folder is missing')
if (whyNot() === undefined) {
  const buildah = await openBuildah(folder)
  try {
    await buildImages(buildah, [FIRST])
  } catch (error) {
    process.stderr.write(`${error}\n`)
    await buildah.close()
  }
} else await rm(folder, { recursive: true })
