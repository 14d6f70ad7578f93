import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** An empty folder, by its real path, that is gone with a test; with all tests of a file for `{ after }` of node:test. */
export async function temporaryFolder(t: { after(end: () => Promise<void>): void }): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'gatehouse-test-')))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}
