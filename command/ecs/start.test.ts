import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { logIn } from '../../test/log-in.ts'
import { runCommand } from '../../test/run-program.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { startDemoBackend } from '../../testing/backend.ts'
import { freePort } from '../../testing/command.ts'
import { startFrontProcess } from '../../testing/front-process.ts'
import { bundle } from '../../tools/bundle.ts'
import { Task } from './task.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FIXTURE = new URL('fixtures/fargate/task.json', import.meta.url)

test('what comes out starts by its own command and environment, takes a login, passes its health check and stops in its time', async t => {
  const backend = await startDemoBackend({ scryptCost: 2 ** 10 })
  t.after(() => backend.close())
  const app = await temporaryFolder(t)
  await bundle(join(app, 'dist'))
  await symlink(join(ROOT, '.next'), join(app, '.next'))

  const { BACKEND_ORIGIN, DNS_SERVERS, NODE_EXTRA_CA_CERTS } = backend.env
  const port = Number(await freePort())
  const task = (await readFile(FIXTURE, 'utf8')).replaceAll('80,', `${port},`)
  await writeFile(join(app, 'task.json'), task)
  await writeFile(
    join(app, 'default.conf'),
    `server {
      listen 127.0.0.1:${port};
      resolver ${DNS_SERVERS} valid=1s ipv6=off;
      location / { proxy_pass http://127.0.0.1:3000; }
      location /user/login {
        set $api ${BACKEND_ORIGIN};
        proxy_pass $api$request_uri;
        proxy_ssl_verify on;
        proxy_ssl_trusted_certificate ${NODE_EXTRA_CA_CERTS};
      }
    }`,
  )
  const args =
    'ecs task.json --nginx default.conf --env ADMIN_PORT=0 --env EGRESS_PORT=0 --env STOP_DELAY=100ms'
  const command = [process.execPath, join(ROOT, 'command/gatehouse.ts'), ...args.split(' ')]
  const { out, errors, code } = await runCommand(command, { cwd: app })
  assert.equal(code, 0, errors)

  const [container] = Task.parse(JSON.parse(out)).containerDefinitions
  assert.equal(container?.portMappings?.[0]?.containerPort, port)
  const [program, ...rest] = container?.command ?? []
  assert.equal(program, 'node')
  const env = Object.fromEntries((container?.environment ?? []).map(({ name, value }) => [name, value]))
  const front = await startFrontProcess(env, undefined, app, [process.execPath, ...rest])
  t.after(() => front.process.kill('SIGKILL'))
  assert.equal(new URL(front.url).port, String(port))
  assert.equal((await logIn(front, backend.account)).status, 200)
  assert.equal((await fetch(new URL('/login', front.url))).status, 200)

  const [, asks = '', ...check] = container?.healthCheck?.command ?? []
  const asked = await runCommand([asks, ...check.map(each => each.replace(/^\/app/, app))], {
    env: {
      ...env,
      NODE_ENV: 'production',
      // a preload is not for it
      NODE_OPTIONS: '--require=/none',
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    },
  })
  assert.equal(asked.code, 0, asked.errors)

  const stopTimeout = AbortSignal.timeout((container?.stopTimeout ?? 0) * 1000)
  front.process.kill('SIGTERM')
  assert.equal(await Promise.race([front.exited, once(stopTimeout, 'abort').then(() => 'killed')]), 0)
})
