import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readConfig } from '../../lib/settings/settings.ts'
import { convert, pair } from '../../test/ecs/convert.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-ecs-'))
after(() => rmSync(folder, { recursive: true }))
let count = 0
function conf(text: string): string {
  const file = join(folder, `${++count}.conf`)
  writeFileSync(file, text)
  return file
}

const variables = (list: Record<string, string>) =>
  Object.entries(list).map(([name, value]) => ({ name, value }))

/** The environment of the app's container after the conversion. */
function envOf({ container }: ReturnType<typeof convert>): Record<string, string> {
  return Object.fromEntries((container('app').environment ?? []).map(({ name, value }) => [name, value]))
}

const NGINX = `server {
  listen 80;
  location / { proxy_pass http://127.0.0.1:3000; }
  location /user/login { proxy_pass https://api.dev.jp/user/login; proxy_read_timeout 30s; client_max_body_size 64k; }
}`

test("Nginx's configuration becomes the environment, beside the app's own, and Gatehouse starts with it", () => {
  const app = { environment: variables({ SITE: 'https://www.dev.jp', PORT: '3000', HOSTNAME: '0.0.0.0' }) }
  const env = envOf(convert(pair({}, app), { nginx: conf(NGINX), origin: '' }))
  assert.deepEqual(env, {
    SITE: 'https://www.dev.jp',
    BACKEND_PATHS: '/user/login',
    BACKEND_TIMEOUT: '30s',
    MAX_BODY: '64kb',
    BACKEND_ORIGIN: 'https://api.dev.jp',
    PORT: '4000',
  })
  assert.equal(readConfig(env).BACKEND_TIMEOUT, 30_000)
})

test('without a configuration BACKEND_ORIGIN is asked for, and what else stays at its default is said', () => {
  const { questions, looks } = convert(pair(), { origin: '' })
  assert.match(
    questions.join(),
    /BACKEND_ORIGIN is not known.*--nginx default\.conf.*or --env BACKEND_ORIGIN=/,
  )
  assert.match(looks.join(), /BACKEND_PATHS \(\/user\/login\)/)
})

test('a BACKEND_ORIGIN among the secrets is enough, and its value need not be known', () => {
  const secrets = [{ name: 'BACKEND_ORIGIN', valueFrom: '/shop/origin' }]
  const { container, questions } = convert(pair({}, { secrets }), { origin: '' })
  assert.deepEqual(questions, [])
  assert.deepEqual(container('app').secrets, secrets)
  assert.throws(() => convert(pair({}, { secrets })), /BACKEND_ORIGIN is in the secrets of app already/)
})

test('an ADMIN_TOKEN among the secrets goes with an ADMIN_HOST of the network, and its value need not be known', () => {
  const environment = variables({ ADMIN_HOST: '0.0.0.0' })
  const secrets = [{ name: 'ADMIN_TOKEN', valueFrom: '/shop/admin-token' }]
  assert.deepEqual(convert(pair({}, { environment, secrets })).questions, [])
  const { questions } = convert(pair({}, { environment }))
  assert.match(questions.join(), /ADMIN_HOST is "0\.0\.0\.0", and ADMIN_TOKEN is not set/)
})

test('a token that changes is not said', () => {
  const [before, after] = ['himitsu-himitsu-himitsu-himitsu-1', 'himitsu-himitsu-himitsu-himitsu-2']
  const task = pair({}, { environment: variables({ ADMIN_TOKEN: before }) })
  const { changes } = convert(task, { env: { ADMIN_TOKEN: after } })
  assert.match(changes.join(), /ADMIN_TOKEN is …, and was …\./)
  assert.doesNotMatch(changes.join(), /himitsu/)
})

test("variables of a template have the values of Nginx's container, those that are filtered out do not", () => {
  const template = conf(`server {
    location / { proxy_pass http://127.0.0.1:3000; }
    location /user/login { proxy_pass https://\${BACKEND_HOST}:$BACKEND_PORT; proxy_set_header X-Request-Id $request_id; }
  }`)
  const environment = variables({
    BACKEND_HOST: 'api.dev.jp',
    BACKEND_PORT: '8443',
    NGINX_ENVSUBST_FILTER: 'BACKEND',
  })
  const filled = convert(pair({ environment }), { nginx: template, origin: '' })
  assert.equal(envOf(filled).BACKEND_ORIGIN, 'https://api.dev.jp:8443')
  const filtered = variables({
    BACKEND_HOST: 'api.dev.jp',
    BACKEND_PORT: '8443',
    NGINX_ENVSUBST_FILTER: '_HOST$',
  })
  const { questions, looks } = convert(pair({ environment: filtered }), { nginx: template, origin: '' })
  assert.match(questions.join(), /BACKEND_ORIGIN/)
  assert.match(looks.join(), /\$\{BACKEND_PORT\}, which is not in the environment of nginx/)
})

test('a setting that the app has with another value is a question', () => {
  const task = pair({}, { environment: variables({ BACKEND_TIMEOUT: '10s' }) })
  assert.match(
    convert(task, { nginx: conf(NGINX) }).questions.join(),
    /BACKEND_TIMEOUT is 10s .* and 30s in Nginx's .*--env BACKEND_TIMEOUT=VALUE/,
  )
  assert.equal(
    envOf(convert(task, { nginx: conf(NGINX), env: { BACKEND_TIMEOUT: '20s' } })).BACKEND_TIMEOUT,
    '20s',
  )
})

test("an app's own variable that Gatehouse reads as a setting, and cannot, is a question with the value", () => {
  const task = pair({}, { environment: variables({ HOST: 'https://www.dev.jp', METRICS: 'on', SITE: 'x' }) })
  const { questions } = convert(task)
  assert.match(questions.join('\n'), /HOST is "https:\/\/www\.dev\.jp"; accepted: .*--env HOST=VALUE/)
  assert.match(questions.join('\n'), /METRICS is "on"; accepted: /)
  assert.doesNotMatch(questions.join('\n'), /SITE/)
})

test('one that it can read is said, as are NODE_OPTIONS and files of variables', () => {
  const environment = variables({ LOG_LEVEL: 'debug', NODE_OPTIONS: '--require dd-trace/init' })
  const { looks } = convert(
    pair({}, { environment, environmentFiles: [{ value: 'arn:aws:s3:::c/web.env', type: 's3' }] }),
  )
  for (const words of [
    /LOG_LEVEL was the app's own/,
    /NODE_OPTIONS=--require dd-trace\/init holds for Gatehouse/,
    /web\.env sets is not known/,
  ])
    assert.match(looks.join('\n'), words)
})

test("a secret of the app's that Gatehouse reads as a setting is said; one that is meant for it is not", () => {
  const secrets = ['SERVICE_NAME', 'LIMIT_STORE', 'DATABASE_URL'].map(name => ({ name, valueFrom: 'arn:…' }))
  const looks = convert(pair({}, { secrets })).looks.join('\n')
  assert.match(looks, /SERVICE_NAME was the app's own/)
  assert.doesNotMatch(looks, /LIMIT_STORE|DATABASE_URL/)
})

test('no password in a URL is said', () => {
  const environment = variables({
    LIMIT_STORE: 'rediss://shop:s3cret@cache.dev.jp:6379',
    DATABASE_URL: 'postgres://shop:s3cret@localhost:3000/shop',
  })
  const env = { LIMIT_STORE: 'rediss://shop:n3wer@cache.dev.jp:6379' }
  for (const given of [{}, { env }]) {
    const { changes, looks, questions } = convert(pair({}, { environment }), given)
    assert.match([...changes, ...looks].join(), /LIMIT_STORE[\s\S]*DATABASE_URL of app leads to a port/)
    assert.doesNotMatch([...changes, ...looks, ...questions].join(), /s3cret|n3wer/)
  }
})

test('a NODE_ENV other than production goes: the front would start for development', () => {
  assert.equal(
    'NODE_ENV' in envOf(convert(pair({}, { environment: variables({ NODE_ENV: 'development' }) }))),
    false,
  )
  assert.equal(
    envOf(convert(pair({}, { environment: variables({ NODE_ENV: 'production' }) }))).NODE_ENV,
    'production',
  )
})

test('paths that cannot be taken over, and a choice among servers, are questions', () => {
  const regex = conf(
    'server { location / { proxy_pass http://127.0.0.1:3000; } location ~ ^/api/v[12]/ { proxy_pass https://api.dev.jp; } }',
  )
  assert.match(
    convert(pair(), { nginx: regex }).questions.join(),
    /set BACKEND_PATHS by hand.*--env BACKEND_PATHS=/,
  )
  assert.deepEqual(convert(pair(), { nginx: regex, env: { BACKEND_PATHS: '/api' } }).questions, [])
  const two = conf(NGINX + NGINX.replace('listen 80', 'listen 81').replaceAll('api.dev.jp', 'other.dev.jp'))
  assert.match(convert(pair(), { nginx: two, origin: '' }).questions.join(), /--server PORT\|NAME/)
})
