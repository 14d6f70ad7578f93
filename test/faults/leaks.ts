import { readFile } from 'node:fs/promises'
import { firstEvent } from '../first-event.ts'
import { SECRETS } from './client.ts'

/** Where a secret of a login stands that must stand nowhere: in the log, the state or the metrics of a front. */
export async function leaksOf(logFile: string, adminUrl: string): Promise<string[]> {
  const get = async (path: string) => (await fetch(new URL(path, adminUrl))).text()
  const texts = {
    log: await readFile(logFile, 'utf8'),
    state: await get('/state'),
    metrics: await get('/metrics'),
    'status page': await firstEvent(new URL('/events', adminUrl)),
  }
  return Object.entries(texts).flatMap(([where, text]) =>
    SECRETS.filter(each => text.includes(each)).map(each => `${each} is in the ${where}`),
  )
}
