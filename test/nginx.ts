import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after } from 'node:test'
import { type Asked, type Reading, readNginx } from '../command/nginx/from-nginx.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = await temporaryFolder({ after })
let count = 0

/** Reads a configuration of some files, the first of which is the one that is asked for. */
export async function read(files: string | Record<string, string>, asked: Asked = {}): Promise<Reading> {
  const all = typeof files === 'string' ? { 'default.conf': files } : files
  const place = join(folder, String(++count))
  for (const [name, text] of Object.entries(all)) {
    await mkdir(join(place, name, '..'), { recursive: true })
    await writeFile(join(place, name), text)
  }
  return readNginx(join(place, Object.keys(all)[0] ?? ''), asked)
}

/** A server as in the design's story, with more in it. */
export const server = (more: string, login = '') => `server {
  listen 4000;
  location / { proxy_pass http://127.0.0.1:3000; }
  location /user/login { proxy_pass https://api.dev.jp/user/login; ${login} }
  ${more}
}`

/** What was said of directives with such a name, by kind. */
export const said = ({ findings }: Reading, name: string) =>
  findings.filter(each => each.what.startsWith(name)).map(({ kind, remark }) => `${kind}: ${remark}`)
