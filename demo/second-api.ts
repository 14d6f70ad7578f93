import { readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Alb, type AlbOptions, startAlb } from '../testing/alb.ts'
import { SOCKETS } from '../testing/sockets.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** The login of the second API, where it is `/user/login`. */
export const SECOND_LOGIN = '/shop/login'

/** The first of two APIs, whose addresses stay: `/user/login` and the calls of pages go there. */
export type CalmApi = Pick<Alb, 'close'> & {
  /** the repository, with a gatehouse.config.mjs that has both */
  readonly cwd: string
}

/**
 * Starts an API before the one that there is, and writes the routes of both into a folder that is the repository but for that.
 * @param second the origin of the one that there is
 */
export async function startCalmApi(
  folder: string,
  second: string,
  options: Pick<AlbOptions, 'dns' | 'authority' | 'handler'>,
): Promise<CalmApi> {
  const calm = await startAlb({ ...options, name: 'calm.dev.jp', count: 2, ttl: 60 })
  for (const each of await readdir(ROOT)) await symlink(join(ROOT, each), join(folder, each))
  const routes = [
    { path: '/user/login', to: calm.origin },
    { path: SECOND_LOGIN, to: `${second}/user/login`, kind: 'login' },
    { path: SOCKETS, to: second },
  ]
  await writeFile(join(folder, 'gatehouse.config.mjs'), `export default ${JSON.stringify({ routes })}\n`)
  return { cwd: folder, close: () => calm.close() }
}
