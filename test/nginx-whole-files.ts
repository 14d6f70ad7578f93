import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fromNginx } from '../command/nginx/print.ts'
import { loadConfigFile } from '../lib/settings/config-file.ts'
import { readConfig } from '../lib/settings/settings.ts'
import { printed } from './printed.ts'
import { temporaryFolder } from './temporary-folder.ts'

type Whole = {
  readonly title: string
  readonly conf: string
  readonly args?: readonly string[]
  readonly status: 0 | 1
  /** all of stdout, where it is the environment; else the routes of gatehouse.config.ts, and what its first lines say */
  readonly stdout: string | { readonly routes: string; readonly env: string }
  /** what stderr has, each */
  readonly stderr?: readonly RegExp[]
}

export const LOGIN = 'BACKEND_ORIGIN=https://api.dev.jp\nBACKEND_PATHS=/user/login\n'
export const TO_API = `path: '/api', to: 'https://api.dev.jp'`
/** Nginx passed no WebSocket on. */
export const CLOSED = `${TO_API}, upgrade: false`

/** The lines of all routes that are printed. */
const routesIn = (text: string) => [...text.matchAll(/^ {6}(.*),$/gm)].map(([, field]) => field).join(', ')
const envIn = (text: string) => [...text.matchAll(/^\/\/ {3}(.*\n)/gm)].map(([, line]) => line).join('')

/** By the loader of `npm start`, with the environment that belongs to it. */
async function isAccepted(text: string, said: Record<string, string>, place: string) {
  await writeFile(join(place, 'gatehouse.config.ts'), text)
  process.env.X_API_KEY = 'x'
  const env = Object.fromEntries(
    envIn(text)
      .split('\n')
      .map(line => line.split('=', 2)),
  )
  const { routes } = readConfig({ ...said, ...env }, await loadConfigFile(place))
  delete process.env.X_API_KEY
  assert.ok(routes.length > 0)
}

/** A test for each: all that a command prints of it, and whether the front takes that. */
export function testWhole(files: readonly Whole[]) {
  for (const { title, conf, args = [], status, stdout, stderr = [] } of files) {
    test(`a whole file: ${title}`, async t => {
      const folder = await temporaryFolder(t)
      const file = join(folder, 'default.conf')
      await writeFile(file, conf)
      const ran = printed(() => fromNginx([file, ...args]))
      if (typeof stdout === 'string') assert.equal(ran.stdout, stdout, ran.stderr)
      else {
        assert.deepEqual([routesIn(ran.stdout), envIn(ran.stdout)], [stdout.routes, stdout.env], ran.stderr)
        // what a person has to say
        const isAsked = ran.stderr.includes('Add --public-origin')
        await isAccepted(ran.stdout, isAsked ? { PUBLIC_ORIGIN: 'https://www.dev.jp' } : {}, folder)
      }
      assert.equal(ran.result, status, ran.stderr)
      for (const remark of stderr) assert.match(ran.stderr, remark)
      assert.doesNotMatch(ran.stdout + ran.stderr, /s3cret/)
    })
  }
}
