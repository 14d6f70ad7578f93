import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { untilOpen } from './until-open.ts'

export const NGINX = '/usr/sbin/nginx'

/** Why a test with a real Nginx cannot run here; false where it can. */
export const withoutNginx = existsSync(NGINX) ? false : 'nginx is not installed (apt-get install nginx)'

/** For a configuration's `http`: without it, Nginx keeps its temporary files where only root may write. */
export const temporaryPaths = (folder: string): string =>
  ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(each => `${each}_temp_path ${folder};`).join(' ')

/**
 * Writes `nginx.conf` into a folder, as a container has it.
 * @param http what stands in its `http`
 * @returns the path of the file
 */
export async function writeNginx(folder: string, http: string): Promise<string> {
  const path = join(folder, 'nginx.conf')
  // a single process: of a master that is killed the workers would go on
  const frame = `daemon off; master_process off; pid ${folder}/pid; error_log /dev/null; events {}`
  await writeFile(path, `${frame}\nhttp {\naccess_log off; ${temporaryPaths(folder)}\n${http}\n}\n`)
  return path
}

/**
 * Starts Nginx with the file of `writeNginx` and waits until it listens. It ends with this process, even where that is killed:
 * the kernel sends it SIGKILL then (`man setpriv`, --pdeathsig).
 */
export async function startNginx(conf: string, port: number): Promise<{ stop(): Promise<void> }> {
  const words = ['--pdeathsig', 'KILL', NGINX, '-e', 'stderr', '-c', conf]
  const nginx = spawn('setpriv', words, { stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = once(nginx, 'exit')
  const stop = async () => {
    nginx.kill('SIGTERM')
    await ended
  }
  try {
    await untilOpen(nginx, port)
  } catch (error) {
    await stop()
    throw error
  }
  return { stop }
}
