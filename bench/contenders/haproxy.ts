import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../testing/command.ts'
import type { Backend } from '../backend.ts'
import { start } from '../programs.ts'
import { type Contender, running } from './contender.ts'

/** HAProxy with names resolved as it runs and connections shared; a thread a core, its default. */
const configuration = (backend: Backend, port: string) => `
defaults
  mode http
  timeout connect 1s
  timeout client 75s
  timeout server 60s
resolvers vpc
  nameserver one ${backend.dns}
  hold valid 3s
  timeout resolve 1s
frontend front
  bind 127.0.0.1:${port}
  http-request deny deny_status 404 unless { path /user/login } or { path_beg /user/login/ }
  default_backend api
backend api
  http-reuse always
  http-request set-header Host ${backend.name}:${backend.port}
  server-template api ${backend.addresses.length} ${backend.name}:${backend.port} resolvers vpc init-addr none ssl verify required ca-file ${backend.ca} sni str(${backend.name}) verifyhost ${backend.name}
`

export const haproxy: Contender = {
  name: 'HAProxy',
  async start(setup) {
    const { spawnAt, backend } = setup
    const port = await freePort()
    const config = join(backend.folder, 'haproxy.cfg')
    await writeFile(config, configuration(backend, port))
    return running(setup, port, [start(spawnAt, 'front', 'haproxy', ['-db', '-f', config])])
  },
}
