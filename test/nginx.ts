import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after } from 'node:test'
import { type Asked, isTakenOver, type Reading, readNginx } from '../command/nginx/from-nginx.ts'
import { readConfig } from '../lib/settings/settings.ts'
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

/** The pages of a server. */
export const NEXT = 'location / { proxy_pass http://127.0.0.1:3000; }'

/** An API of a server. */
export const API = 'location /api/ { proxy_pass http://a:8080; }'

/** A server as in the design's story, with more in it. */
export const server = (more: string, login = '') => `server {
  listen 4000;
  location / { proxy_pass http://127.0.0.1:3000; }
  location /user/login { proxy_pass https://api.dev.jp/user/login; ${login} }
  ${more}
}`

/** What that server becomes. */
export const ENV = { BACKEND_ORIGIN: 'https://api.dev.jp', BACKEND_PATHS: '/user/login', PORT: '4000' }

/** What was said of directives with such a name, by kind. */
export const said = ({ findings }: Reading, name: string) =>
  findings.filter(each => each.what.startsWith(name)).map(({ kind, remark }) => `${kind}: ${remark}`)

/** Nothing of an API is printed, and the exit code is not 0. */
export async function isClosed(conf: string) {
  const reading = await read(conf)
  assert.equal(reading.config, undefined, conf)
  assert.equal(isTakenOver(reading), false)
}

/** Nothing is left to do, and the front starts with it. */
export function isEnough({ env, missing }: Reading) {
  assert.deepEqual(missing, [])
  assert.equal(readConfig(env).BACKEND_ORIGIN.origin, env.BACKEND_ORIGIN)
}
