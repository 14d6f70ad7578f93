import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryPaths } from '../../test/nginx-process.ts'
import { freePort } from '../../testing/command.ts'
import type { Backend, Setup } from '../backend.ts'
import { ABSENT, newer } from '../newer.ts'
import { start } from '../programs.ts'
import { type Contender, running } from './contender.ts'
import { startNext } from './next.ts'

type Way = {
  /** what stands in `http`, beside the server */
  http: (backend: Backend) => string
  /** what stands in the location of logins, beside TLS */
  location: (backend: Backend) => string
  command: readonly [string, ...string[]]
}

/**
 * The set-up that Gatehouse replaces: the name in a variable, so that it is resolved again. A variable rules out an
 * `upstream` block, and with it kept connections.
 */
export const VARIABLE: Way = {
  http: () => '',
  location: ({ name, port }) => `
      set $backend_server ${name};
      proxy_pass https://$backend_server:${port}/user/login$is_args$args;`,
  command: ['nginx'],
}

/**
 * nginx 1.27.3 and newer: names in an `upstream` are resolved as it runs, and connections kept, below the 60 s of an ALB. From
 * 1.29.7 on `keepalive 32`, HTTP/1.1 and an empty `Connection` are the defaults.
 */
export const RESOLVE: Way = {
  http: ({ name, port }) => `
  upstream api {
    zone api 256k;
    server ${name}:${port} resolve;
    keepalive 32;
    keepalive_timeout 50s;
  }`,
  location: ({ name, port }) => `
      proxy_pass https://api;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host ${name}:${port};
      proxy_ssl_name ${name};`,
  command: newer('nginx') ?? ['nginx'],
}

/** The file of one way. `worker_processes auto` is Debian's. TLS 1.3 is on by itself from nginx 1.23.4 on; Debian's 1.22 would take a round trip more. */
export const nginxConfiguration = (way: Way, backend: Backend, port: string, pagesPort?: string) => `
worker_processes auto;
daemon off;
pid ${backend.folder}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  ${temporaryPaths(`${backend.folder}/nginx-temporary`)}
  resolver ${backend.dns} valid=3s ipv6=off;
  ${way.http(backend)}
  server {
    listen 127.0.0.1:${port};
    location /user/login {${way.location(backend)}
      proxy_connect_timeout 1s;
      proxy_ssl_protocols TLSv1.2 TLSv1.3;
      proxy_ssl_server_name on;
      proxy_ssl_verify on;
      proxy_ssl_trusted_certificate ${backend.ca};
    }
    ${pagesPort === undefined ? '' : `location / { proxy_pass http://127.0.0.1:${pagesPort}; }`}
  }
}
`

async function startNginx(way: Way, { spawnAt, backend }: Setup, port: string, pagesPort?: string) {
  const config = join(backend.folder, 'nginx.conf')
  await writeFile(config, nginxConfiguration(way, backend, port, pagesPort))
  const [command, ...words] = way.command
  return start(spawnAt, 'front', command, [...words, '-e', 'stderr', '-c', config])
}

const alone =
  (way: Way): Contender['start'] =>
  async setup => {
    const port = await freePort()
    return running(setup, port, [await startNginx(way, setup, port)])
  }

export const nginx: Contender = { name: 'nginx', start: alone(VARIABLE) }
export const nginxResolve: Contender = {
  name: 'nginx 1.30, resolve',
  ...(!newer('nginx') && { absent: ABSENT }),
  start: alone(RESOLVE),
}

export const nginxAndNext: Contender = {
  name: 'nginx + next start',
  async start(setup) {
    const [port, pagesPort] = [await freePort(), await freePort()]
    const programs = [await startNginx(VARIABLE, setup, port, pagesPort), startNext(setup, pagesPort)]
    return running(setup, port, programs)
  },
}
