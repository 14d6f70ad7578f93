import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../testing/command.ts'
import type { Backend, Setup } from '../backend.ts'
import { start } from '../programs.ts'
import { type Contender, running } from './contender.ts'
import { startNext } from './next.ts'

/**
 * The set-up that Gatehouse replaces, as DESIGN.md tells it: the name in a variable, so that it is resolved again. A
 * variable rules out an `upstream` block, and with it kept connections. `worker_processes auto` is Debian's. TLS 1.3 is
 * on by itself from nginx 1.23.4 on; Debian's 1.22 would take a round trip more.
 */
const configuration = (backend: Backend, port: string, pagesPort: string | undefined) => `
worker_processes auto;
daemon off;
pid ${backend.folder}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${backend.folder}/nginx-body;
  proxy_temp_path ${backend.folder}/nginx-proxy;
  server {
    listen 127.0.0.1:${port};
    location /user/login {
      resolver ${backend.dns} valid=3s;
      set $backend_server ${backend.name};
      proxy_pass https://$backend_server:${backend.port}/user/login$is_args$args;
      proxy_ssl_protocols TLSv1.2 TLSv1.3;
      proxy_ssl_server_name on;
      proxy_ssl_verify on;
      proxy_ssl_trusted_certificate ${backend.ca};
    }
    ${pagesPort === undefined ? '' : `location / { proxy_pass http://127.0.0.1:${pagesPort}; }`}
  }
}
`

async function startNginx({ spawnAt, backend }: Setup, port: string, pagesPort?: string) {
  const config = join(backend.folder, 'nginx.conf')
  await writeFile(config, configuration(backend, port, pagesPort))
  return start(spawnAt, 'front', 'nginx', ['-e', 'stderr', '-c', config])
}

export const nginx: Contender = {
  name: 'nginx',
  async start(setup) {
    const port = await freePort()
    return running(setup, port, [await startNginx(setup, port)])
  },
}

export const nginxAndNext: Contender = {
  name: 'nginx + next start',
  async start(setup) {
    const [port, pagesPort] = [await freePort(), await freePort()]
    return running(setup, port, [await startNginx(setup, port, pagesPort), startNext(setup, pagesPort)])
  },
}
