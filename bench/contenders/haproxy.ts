import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../testing/command.ts'
import type { Backend } from '../backend.ts'
import { ABSENT, newer } from '../newer.ts'
import { start } from '../programs.ts'
import { type Contender, running } from './contender.ts'

/** As many addresses as an ALB has in one DNS answer (Amazon Route 53). */
const ADDRESSES = 8

/**
 * HAProxy 3.2 as its manual recommends it: names resolved as it runs and not by libc (5.3.1), the times of the manual's own
 * example (5.3.2), `http-reuse safe`, health checks, `redispatch`. `hold obsolete` stays 0 s: what has left DNS
 * leaves the pool. A thread a core is its default.
 * @param retryOn `conn-failure` is the default; the manual warns of any other for requests that may not run twice
 */
export const haproxyConfiguration = (
  { name, port, dns, ca }: Pick<Backend, 'name' | 'port' | 'dns' | 'ca'>,
  listen: string,
  retryOn: string,
) => `
defaults
  mode http
  retries 3
  option redispatch
  retry-on ${retryOn}
  http-reuse safe
  timeout connect 1s
  timeout client 75s
  timeout server 60s
resolvers vpc
  nameserver one ${dns}
  accepted_payload_size 8192
  resolve_retries 3
  timeout resolve 1s
  timeout retry 1s
  hold other 30s
  hold refused 30s
  hold nx 30s
  hold timeout 30s
frontend front
  bind 127.0.0.1:${listen}
  http-request deny deny_status 404 unless { path /user/login } or { path_beg /user/login/ }
  default_backend api
backend api
  http-request set-header Host ${name}:${port}
  default-server resolvers vpc init-addr none resolve-prefer ipv4 check inter 1s fall 2 rise 1
  default-server ssl verify required ca-file ${ca} sni str(${name}) check-sni ${name} verifyhost ${name}
  server-template api ${ADDRESSES} ${name}:${port}
`

const haproxyWith = (name: string, retryOn: string): Contender => ({
  name,
  ...(!newer('haproxy') && { absent: ABSENT }),
  async start(setup) {
    const [command, ...words] = newer('haproxy') ?? ['haproxy']
    const port = await freePort()
    const config = join(setup.backend.folder, 'haproxy.cfg')
    await writeFile(config, haproxyConfiguration(setup.backend, port, retryOn))
    return running(setup, port, [start(setup.spawnAt, 'front', command, [...words, '-db', '-f', config])])
  },
})

export const haproxy = haproxyWith('HAProxy 3.2', 'conn-failure')
export const haproxyRetrying = haproxyWith(
  'HAProxy 3.2, retry-on empty-response',
  'conn-failure empty-response',
)
