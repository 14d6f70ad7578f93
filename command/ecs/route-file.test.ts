import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { loadConfigFile } from '../../lib/settings/config-file.ts'
import { readConfig } from '../../lib/settings/settings.ts'
import { convert, pair } from '../../test/ecs/convert.ts'
import { serviceText } from './service.ts'
import { Task } from './task.ts'

const GATEHOUSE = fileURLToPath(new URL('../gatehouse.ts', import.meta.url))
const variables = (list: Record<string, string>) =>
  Object.entries(list).map(([name, value]) => ({ name, value }))

function folderOf(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-ecs-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

/** Runs the command in an app's folder. */
function run(folder: string, ...args: string[]) {
  const env = { ...process.env, LANG: 'C', X_KEY: 'of the shell' }
  return spawnSync(process.execPath, [GATEHOUSE, 'ecs', 'task.json', ...args], {
    cwd: folder,
    env,
    encoding: 'utf8',
  })
}

const envIn = (task: string) => {
  const [app] = Task.parse(JSON.parse(task)).containerDefinitions
  return Object.fromEntries((app?.environment ?? []).map(({ name, value }) => [name, value]))
}

const OWN = {
  name: 'gatehouse.config.ts',
  content: {
    routes: [
      { path: '/user/login', to: 'https://api.dev.jp' },
      { path: '/reports', to: 'http://reports:8080/v1' },
    ],
    backends: { pay: 'https://pay.dev.jp' },
  },
}
const NGINX = `server {
  listen 80;
  server_name www.dev.jp;
  location / { proxy_pass http://127.0.0.1:3000; }
  location = /user/login { proxy_pass https://api.dev.jp; }
  location /api/ { proxy_pass https://api.dev.jp/v1/; proxy_set_header X-Api-Key abc; proxy_connect_timeout 2s; }
}`

test("with the app's own file of routes there is no BACKEND_ORIGIN, and each origin is one that the tasks must reach", () => {
  const environment = variables({ BACKEND_ORIGIN: 'https://old.dev.jp', BACKEND_TIMEOUT: '20s' })
  const { container, changes, questions, service } = convert(pair({}, { environment }), {
    routes: OWN,
    origin: '',
  })
  assert.deepEqual(questions, [])
  const env = Object.fromEntries((container('app').environment ?? []).map(({ name, value }) => [name, value]))
  assert.deepEqual(Object.keys(env), ['BACKEND_TIMEOUT', 'PORT'])
  assert.match(
    changes.join('\n'),
    /routes are those of gatehouse\.config\.ts[\s\S]*BACKEND_ORIGIN=https:\/\/old\.dev\.jp was removed/,
  )
  assert.ok(service)
  assert.match(serviceText(service), /inbound in .*: api\.dev\.jp:443, reports:8080, pay\.dev\.jp:443/)
})

test("beside the app's own file, Nginx's configuration says the settings and no routes", t => {
  const nginx = join(folderOf(t, { 'default.conf': NGINX }), 'default.conf')
  const { container, changes, looks, questions } = convert(pair(), { nginx, routes: OWN, origin: '' })
  assert.deepEqual(questions, [])
  assert.deepEqual(
    (container('app').environment ?? []).map(({ name }) => name),
    ['CONNECT_TIMEOUT', 'PORT'],
  )
  assert.doesNotMatch([...changes, ...looks].join('\n'), /route \/api|location \/api/)
})

test('BACKEND_ORIGIN beside the file, as a secret or by --env, is a question', () => {
  const secrets = [{ name: 'BACKEND_ORIGIN', valueFrom: '/shop/origin' }]
  for (const asked of [
    convert(pair({}, { secrets }), { routes: OWN, origin: '' }),
    convert(pair(), { routes: OWN }),
  ])
    assert.match(asked.questions.join(), /BACKEND_ORIGIN is set, and gatehouse\.config\.ts is there/)
})

test('a route to a port of the task where Nginx or Next listened is said', () => {
  const content = { routes: [{ path: '/user/login', to: 'http://127.0.0.1:3000' }] }
  const { looks, service } = convert(pair(), { routes: { ...OWN, content }, origin: '' })
  assert.match(looks.join('\n'), /A route leads to http:\/\/127\.0\.0\.1:3000, a port of the task/)
  assert.ok(service)
  // and no security group has to let that in
  assert.doesNotMatch(serviceText(service), /inbound in .*: /)
})

test('a container that the front is linked to, by its name or an alias, is asked without a security group', () => {
  const others = ['api', 'reports'].map(name => ({ name, image: name, memory: 64 }))
  const links = ['app', 'api:Backend', 'reports']
  const origins = ['http://backend:8080', 'http://reports:8080', 'http://api', 'http://elsewhere:8080']
  const content = { routes: origins.map((to, i) => ({ path: `/${i}`, to, kind: 'api' })) }
  const task = pair({ memory: 64, links }, { memory: 64 }, { networkMode: 'bridge' }, others)
  const { service, questions } = convert(task, {
    routes: { ...OWN, content },
    origin: '',
    appContainer: 'app',
  })
  assert.ok(service, questions.join())
  assert.match(serviceText(service), /inbound in .*: elsewhere:8080$/m)
})

test('what the file takes from the environment has to be in the task, be it a secret; the shell does not count', t => {
  const file = `export default { routes: [{ path: '/user/login', to: process.env.ORIGIN, headers: { 'X-Key': process.env.X_KEY } }] }`
  const task = (secrets: object[]) =>
    JSON.stringify(pair({}, { environment: variables({ ORIGIN: 'https://api.dev.jp' }), secrets }))
  const folder = folderOf(t, { 'gatehouse.config.ts': file, 'task.json': task([]) })
  const { status, stdout, stderr } = run(folder)
  assert.deepEqual([status, stdout], [1, ''])
  assert.match(stderr, /routes\[0\]\.headers\.X-Key; accepted: a value: the environment variable is not set/)
  assert.match(stderr, /correct gatehouse\.config\.ts, or give its variable to the app's container/)
  const whole = task([{ name: 'X_KEY', valueFrom: '/shop/key' }])
  writeFileSync(join(folder, 'task.json'), whole)
  const second = run(folder)
  assert.equal(second.status, 0, second.stderr)
  assert.equal('BACKEND_ORIGIN' in envIn(second.stdout), false)
  // as PowerShell writes it
  writeFileSync(join(folder, 'task.json'), `\ufeff${whole}`, 'utf16le')
  assert.equal(run(folder).stdout, second.stdout)
})

test('routes that the environment cannot say are written as a file, with which the front starts', async t => {
  const folder = folderOf(t, { 'default.conf': NGINX, 'task.json': JSON.stringify(pair()) })
  const asked = run(folder, '--nginx', 'default.conf', '--out', 'new')
  assert.equal(asked.status, 1)
  assert.match(asked.stderr, /X_API_KEY is the value of a header.*\n.*secrets of app in the task definition/)
  const secrets = [{ name: 'X_API_KEY', valueFrom: '/shop/key' }]
  writeFileSync(join(folder, 'task.json'), JSON.stringify(pair({}, { secrets })))
  const { status, stderr } = run(folder, '--nginx', 'default.conf', '--out', 'new')
  assert.equal(status, 0, stderr)
  assert.match(stderr, /need gatehouse\.config\.ts, which --out DIR writes/)
  assert.match(stderr, /Written to new: .*gatehouse\.config\.ts/)
  const env = envIn(readFileSync(join(folder, 'new/task-definition.json'), 'utf8'))
  process.env.X_API_KEY = 'abc'
  t.after(() => void delete process.env.X_API_KEY)
  const { routes } = readConfig(env, await loadConfigFile(join(folder, 'new')))
  assert.deepEqual(
    routes.map(({ path, exact, kind, origin, base }) => [path, exact, kind, origin.origin + base]),
    [
      ['/user/login', true, 'login', 'https://api.dev.jp/user/login'],
      ['/api', false, 'api', 'https://api.dev.jp/v1'],
    ],
  )
})

test('an origin that may have the pages or the API is a question, and --pages or --backend answers it', t => {
  const nginx = `server {
    listen 80;
    server_name api.dev.jp;
    location / { proxy_pass https://origin.dev.jp; }
    location /_next/ { proxy_pass http://127.0.0.1:3000; }
  }`
  const folder = folderOf(t, { 'default.conf': nginx, 'task.json': JSON.stringify(pair()) })
  const asked = run(folder, '--nginx', 'default.conf', '--env', 'BACKEND_PATHS=/user/login')
  assert.equal(asked.status, 1)
  assert.match(asked.stderr, /whether https:\/\/origin\.dev\.jp has the pages or the API.*\n +--pages ORIGIN/)
  for (const answer of ['--pages=http://127.0.0.1:3000', '--backend=https://origin.dev.jp']) {
    const { status, stdout, stderr } = run(folder, '--nginx', 'default.conf', answer, '--out', 'new')
    assert.equal(status, 0, stderr + stdout)
    assert.doesNotMatch(stderr, /the pages or the API/)
  }
})

test('a location that can be no route, beside those of a file, is asked for in the file: BACKEND_PATHS is a mistake beside it', t => {
  const conf = NGINX.replace(
    'location /api/',
    'location ~ ^/v[12]/ { proxy_pass https://api.dev.jp; } location /api/',
  )
  const nginx = join(folderOf(t, { 'default.conf': conf }), 'default.conf')
  const questions = convert(pair(), { nginx, origin: '' }).questions.join()
  assert.match(questions, /no route is printed for location ~ .*gatehouse\.config\.ts in this folder/)
  assert.doesNotMatch(questions, /BACKEND_PATHS/)
})

test("hosts that Nginx did not name are asked for, and the app's PUBLIC_ORIGIN names them", t => {
  const conf = NGINX.replace('server_name www.dev.jp;', '').replace('X-Api-Key abc', 'Host $host')
  const nginx = join(folderOf(t, { 'default.conf': conf }), 'default.conf')
  assert.match(
    convert(pair(), { nginx, origin: '' }).questions.join(),
    /no server_name says .*--env PUBLIC_ORIGIN=/,
  )
  const environment = variables({ PUBLIC_ORIGIN: 'https://www.dev.jp' })
  assert.deepEqual(convert(pair({}, { environment }), { nginx, origin: '' }).questions, [])
})
