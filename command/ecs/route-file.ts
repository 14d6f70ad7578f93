import { type ConfigFile, loadConfigFile } from '../../lib/settings/config-file.ts'
import type { Container } from './task.ts'

/** Stands for a secret's value, which only AWS knows, be it that of a header or an origin. */
export const SECRET = 'https://secret.invalid'

/**
 * gatehouse.config.* of a folder, as it is loaded in the app's container: with the variables of that and no others, so that one which
 * the task lacks is missing here, too.
 * @param said `--env`
 */
export async function loadRouteFile(
  folder: string,
  { environment = [], secrets = [] }: Container,
  said: Readonly<Record<string, string>>,
): Promise<ConfigFile | undefined> {
  const own = environment.map(({ name, value }) => [name, value])
  const hidden = secrets.map(({ name }) => [name, SECRET])
  const before = process.env
  process.env = { ...Object.fromEntries([...own, ...hidden]), ...said, NODE_ENV: 'production' }
  try {
    return await loadConfigFile(folder)
  } finally {
    process.env = before
  }
}
