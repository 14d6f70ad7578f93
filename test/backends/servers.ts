import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { patiently } from './patiently.ts'

/** Where one server is started, and what it counts into. */
export type Place = {
  readonly host: string
  readonly port: number
  readonly counts: string
  readonly folder: string
}

/** A server from a package of Debian, with the handlers of `app.*`. */
export type Server = {
  readonly name: string
  /** its programs, without which the row is skipped */
  readonly needs: readonly string[]
  /** the command lines, the listening one last */
  readonly commands: (place: Place) => readonly (readonly string[])[]
}

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const here = fileOf('.')

const gunicorn = (bind: string, ...more: string[]) => [
  'gunicorn',
  '--chdir',
  here,
  '--bind',
  bind,
  '--log-level',
  'critical',
  ...more,
  'app:wsgi',
]
const THREADS = ['--worker-class', 'gthread', '--threads', '16', '--keep-alive', '60']

export const SERVERS: readonly Server[] = [
  { name: 'Node', needs: [], commands: () => [[process.execPath, fileOf('app.ts')]] },
  {
    name: 'nginx → gunicorn',
    needs: ['nginx', 'gunicorn'],
    commands: place => [
      gunicorn(`unix:${place.folder}/app.sock`, ...THREADS),
      ['nginx', '-c', nginxConf(place), '-p', place.folder, '-e', 'stderr'],
    ],
  },
  {
    name: 'gunicorn, threads',
    needs: ['gunicorn'],
    commands: ({ host, port }) => [gunicorn(`${host}:${port}`, ...THREADS)],
  },
  {
    name: 'gunicorn, sync',
    needs: ['gunicorn'],
    commands: ({ host, port }) => [gunicorn(`${host}:${port}`)],
  },
  {
    name: 'uvicorn',
    needs: ['/usr/bin/python3'],
    commands: ({ host, port }) => [
      [
        '/usr/bin/python3',
        '-m',
        'uvicorn',
        '--app-dir',
        here,
        '--host',
        host,
        '--port',
        `${port}`,
        '--log-level',
        'critical',
        '--timeout-keep-alive',
        '60',
        'app:asgi',
      ],
    ],
  },
  {
    name: 'uWSGI --http',
    needs: ['uwsgi'],
    commands: ({ host, port }) => [
      [
        'uwsgi',
        '--plugin',
        'http,python3',
        '--http',
        `${host}:${port}`,
        '--http-keepalive=60',
        '--threads',
        '16',
        '--disable-logging',
        '--chdir',
        here,
        '--module',
        'app:wsgi',
        '--add-header',
        'Connection: Keep-Alive',
      ],
    ],
  },
  {
    name: 'Go',
    needs: ['go'],
    commands: ({ host, port, folder }) => {
      const program = join(folder, 'app')
      spawnSync('go', ['build', '-o', program, fileOf('app.go')], {
        env: { ...process.env, GO111MODULE: 'off' },
      })
      return [[program, `${host}:${port}`]]
    },
  },
]

export const isThere = ({ needs }: Server): boolean =>
  needs.every(each => spawnSync('which', [each]).status === 0)

function nginxConf({ host, port, folder }: Place): string {
  const file = join(folder, 'nginx.conf')
  mkdirSync(join(folder, 'temp'), { recursive: true })
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map(each => `${each}_temp_path ${folder}/temp/${each};`)
    .join(' ')
  writeFileSync(
    file,
    `daemon off; ${process.getuid?.() === 0 ? 'user root; ' : ''}pid ${folder}/nginx.pid; events {} http { access_log off; ${temp}
       server { listen ${host}:${port}; location / { proxy_pass http://unix:${folder}/app.sock; proxy_next_upstream off; } } }`,
  )
  return file
}

/** Starts a server; `stop` resolves when its processes have ended. */
export async function start(server: Server, place: Place): Promise<{ stop(): Promise<unknown> }> {
  mkdirSync(place.folder, { recursive: true })
  const env = {
    ...process.env,
    COUNTS: place.counts,
    HOST: place.host,
    PORT: `${place.port}`,
    PYTHONDONTWRITEBYTECODE: '1',
  }
  const children = server.commands(place).map(([command = '', ...words]) =>
    // in a group of its own, which ends as a whole: masters and workers
    spawn(command, words, { env, stdio: 'ignore', detached: true }),
  )
  const stop = () => Promise.all(children.map(end))
  try {
    await patiently(async () => {
      const { status } = await fetch(`http://${place.host}:${place.port}/read`, {
        headers: { Connection: 'close' },
      })
      if (status !== 200) throw new Error(`${server.name} says ${status}`)
    })
  } catch (error) {
    await stop()
    throw error
  }
  return { stop }
}

async function end(child: ChildProcess) {
  if (child.exitCode !== null || child.pid === undefined) return
  const ended = once(child, 'exit')
  process.kill(-child.pid, 'SIGKILL')
  await ended
}
