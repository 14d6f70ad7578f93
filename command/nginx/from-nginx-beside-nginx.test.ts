import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import http from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { listen } from '../../lib/front/listen.ts'
import { authority, withBackend } from '../../test/backend.ts'
import { startNginx, withoutNginx, writeNginx } from '../../test/nginx-process.ts'
import { ask, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { freePort } from '../../testing/command.ts'
import { readNginx } from './from-nginx.ts'

const LARGE = 'x'.repeat(70_000)

/** What the API or the page was asked for, as it came there. */
const echo =
  (who: string): http.RequestListener =>
  async (req, res) => {
    const pieces: Buffer[] = []
    for await (const piece of req) pieces.push(piece)
    const { host, cookie, 'content-type': type, 'x-forwarded-for': chain } = req.headers
    const headers = who === 'api' ? { host, cookie, type, chain } : { cookie, type }
    res.writeHead(who === 'api' ? 401 : 200, { 'Set-Cookie': ['a=1', 'b=2'], 'X-Who': who })
    res.end(
      JSON.stringify({ who, method: req.method, url: req.url, headers, body: String(Buffer.concat(pieces)) }),
    )
  }

const REQUESTS: [line: string, headers: string[], body?: string][] = [
  ['GET /', []],
  ['GET /user/login?next=%2Faccount&a=b%20c', ['Cookie: s=1']],
  ['POST /user/login?x', ['Content-Type: application/json'], '{"name":"taro"}'],
  ['POST /user/login', ['X-Forwarded-For: 203.0.113.7'], 'a=b'],
  ['POST /user/login', [], LARGE],
  ['POST /elsewhere', ['Content-Type: text/plain'], 'words'],
  ['GET /staff/login', []],
  ['GET /user', []],
]

test('Gatehouse with the environment that was read answers as Nginx with the configuration did', {
  skip: withoutNginx,
}, async t => {
  const { dns, alb } = await withBackend(t, { handler: echo('api') })
  const pages = http.createServer(echo('page'))
  const pagesPort = await listen(pages, 0, '127.0.0.1')
  t.after(() => void pages.close())
  const folder = await temporaryFolder(t)
  const port = Number(await freePort())
  await writeFile(join(folder, 'ca.pem'), authority.ca)
  await writeFile(
    join(folder, 'app.conf'),
    `server {
  listen 127.0.0.1:${port};
  resolver ${dns.address} valid=3s ipv6=off;
  client_max_body_size 64k;
  location / { proxy_pass http://127.0.0.1:${pagesPort}; }
  location /user/login {
    set $backend_server ${alb.name}:${alb.port};
    proxy_pass https://\${backend_server}/user/login\${is_args}\${args};
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
   
    proxy_ssl_server_name on;
    proxy_ssl_verify on;
    proxy_ssl_trusted_certificate ${folder}/ca.pem;
  }
  location /staff/login {
    set $api ${alb.name}:${alb.port};
    proxy_pass https://$api;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  }
}`,
  )
  const conf = await writeNginx(folder, 'include app.conf;')

  const { env, missing } = readNginx(conf)
  assert.deepEqual(missing, [])
  assert.deepEqual(env, {
    BACKEND_ORIGIN: alb.origin,
    BACKEND_PATHS: '/user/login,/staff/login',
    LOGIN_PATHS: '/user/login,/staff/login',
    HOST: '127.0.0.1',
    PORT: String(port),
    DNS_SERVERS: dns.address,
    DNS_MAX_TTL: '3',
    MAX_BODY: '64kb',
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
  })

  const nginx = await startNginx(conf, port)
  t.after(nginx.stop)
  const front = await stage(t, { env: { ...env, PORT: '0' }, pages: echo('page') })
  for (const [line, headers, body] of REQUESTS) {
    const text = request(line, headers, body)
    const answers = await Promise.all([port, front.port].map(each => ask(each, text)))
    const [nginx, gatehouse] = answers.map(({ status, headers: got, body: echoed }) => ({
      status,
      cookies: got.filter(([name]) => name.toLowerCase() === 'set-cookie'),
      // the remark of an error are each one's own
      echoed: status === 413 ? '' : echoed.replaceAll(`:${alb.port}`, ''),
    }))
    assert.deepEqual(gatehouse, nginx, line)
    assert.equal(nginx?.status, body === LARGE ? 413 : line.includes('/login') ? 401 : 200, line)
  }
})

test('what Nginx keeps from a client does not reach the API through Gatehouse either', {
  skip: withoutNginx,
}, async t => {
  const folder = await temporaryFolder(t)
  const api = http.createServer(echo('api'))
  const apiPort = await listen(api, 0, '127.0.0.1')
  t.after(() => void api.close())
  const port = Number(await freePort())
  const pass = `proxy_pass http://127.0.0.1:${apiPort};`
  await writeFile(join(folder, 'htpasswd'), '')
  const conf = await writeNginx(
    folder,
    `server {
  listen 127.0.0.1:${port};
  location / { return 404; }
  location /open/ { ${pass} }
  location /office/ { allow 192.0.2.1; deny all; ${pass} }
  location /staff/ { auth_basic "Staff"; auth_basic_user_file htpasswd; ${pass} }
  location /own/ { internal; ${pass} }
  location /key/ { if ($http_x_key != "k") { return 403; } ${pass} }
  location /link/ { valid_referers www.dev.jp; if ($invalid_referer) { return 403; } ${pass} }
  location /read/ { limit_except GET { deny all; } ${pass} }
  location /half/ { ${pass} location /half/closed/ { deny all; } }
  location /part/ { ${pass} location /part/closed { deny all; } }
  location ~ ^/one/x$ { ${pass} }
  location = /one/x { deny all; }
  location = /exact { ${pass} }
  location /exact/ { deny all; }
  location /case/ { ${pass} }
  location ~* ^/CASE/closed { deny all; }
}`,
  )
  const { config = '' } = readNginx(conf, { backend: `http://127.0.0.1:${apiPort}` })
  const routes = [...config.matchAll(/path: '(.*)'[^}]*?(?:except: \['(.*)'\][^}]*)?\}/g)].map(
    ([, path = '', except]) => ({ path, except: except === undefined ? [] : [except] }),
  )
  assert.deepEqual(routes, [
    { path: '/open', except: [] },
    { path: '/half', except: ['/half/closed'] },
    { path: '= /exact', except: [] },
  ])
  const nginx = await startNginx(conf, port)
  t.after(nginx.stop)
  const front = await stage(t, {
    secure: false,
    handler: echo('api'),
    config: to => ({ routes: routes.map(each => ({ ...each, to })) }),
    pages: echo('page'),
  })
  const isApis = (body: string) => body.includes('"who":"api"')
  let refused = 0
  for (const path of [
    'office',
    'staff',
    'own',
    'key',
    'link',
    'read',
    'half/closed',
    'half//closed',
    'half/%63losed',
    'half/y/../closed',
    'part/closed',
    'one',
    'exact',
    'case/closed',
  ]) {
    const text = request(`POST /${path}/x`, [], 'a')
    const [before, now] = await Promise.all([port, front.port].map(each => ask(each, text)))
    if (!isApis(before?.body ?? '')) refused++
    assert.equal(isApis(now?.body ?? ''), false, path)
  }
  assert.equal(refused, 14)
  for (const path of ['open/x', 'half/x', 'half/closedx']) {
    const open = request(`POST /${path}`, [], 'a')
    for (const each of [port, front.port]) assert.equal(isApis((await ask(each, open)).body), true, path)
  }
})
