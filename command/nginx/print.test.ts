import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { READ, remarkFor } from './remarks.ts'

const folder = await temporaryFolder({ after })
const file = join(folder, 'default.conf')
await writeFile(
  file,
  `server {
  listen 4000;
  location / { proxy_pass http://127.0.0.1:3000; }
  location "/it's & more/login" { proxy_pass https://api.dev.jp; }
  location /user/login { proxy_pass https://api.dev.jp; }
}
`,
)

const fromNginx = (...args: string[]) =>
  spawnSync(process.execPath, ['command/gatehouse.ts', 'from-nginx', ...args], { encoding: 'utf8' })

test('stdout has the environment alone, as a shell takes it; the remark go to stderr, with file and line', async () => {
  await writeFile(join(folder, 'good.conf'), (await readFile(file, 'utf8')).replace(' & more', ''))
  const { stdout, stderr, status } = fromNginx(join(folder, 'good.conf'))
  assert.equal(status, 0, stderr)
  const shell = spawnSync('sh', ['-c', `set -a; ${stdout} printenv BACKEND_PATHS PORT`], { encoding: 'utf8' })
  assert.equal(shell.stdout, "/it's/login,/user/login\n4000\n")
  assert.match(stderr, /^To be checked:\n.*good\.conf:5 {2}location \/user\/login: /ms)
})

test('where a value has quotes for the shell, it is said that an env file of docker wants none', async () => {
  const strict = join(folder, 'strict.conf')
  const sts = 'add_header Strict-Transport-Security "max-age=60; preload";'
  await writeFile(strict, (await readFile(file, 'utf8')).replace('listen', `${sts} listen`))
  const { stdout, stderr } = fromNginx(strict)
  assert.match(stdout, /^HSTS='max-age=60; preload'$/m)
  assert.match(stderr, /^The quotes of .*HSTS are for a shell/)
  assert.doesNotMatch(fromNginx(strict, '--json').stderr, /quotes/)
})

test('with --json it is the environment of a task definition', async () => {
  const { stdout } = fromNginx(file, '--json')
  assert.deepEqual(JSON.parse(stdout)[0], { name: 'BACKEND_ORIGIN', value: 'https://api.dev.jp' })
})

test('an environment that Gatehouse would not start with ends with 1', () => {
  const { stderr, status } = fromNginx(file)
  assert.equal(status, 1)
  assert.match(stderr, /This is not enough:\n {2}BACKEND_PATHS is "\/it's & more/)
})

test('what `nginx -T` prints is read as PowerShell writes it, UTF-16 of both byte orders with its mark, and from stdin', async () => {
  const dump = `# configuration file /etc/nginx/nginx.conf:\ninclude one;\n# configuration file /etc/nginx/one:\n${await readFile(file, 'utf8')}`
  const wide = join(folder, 'wide.txt')
  await writeFile(wide, `\ufeff${dump.replaceAll('\n', '\r\n')}`, 'utf16le')
  const { stdout } = fromNginx(file)
  assert.match(stdout, /^BACKEND_ORIGIN=https:\/\/api\.dev\.jp\n/)
  assert.equal(fromNginx(wide).stdout, stdout)
  await writeFile(wide, (await readFile(wide)).swap16())
  assert.equal(fromNginx(wide).stdout, stdout)
  const words = ['command/gatehouse.ts', 'from-nginx', '-']
  const piped = spawnSync(process.execPath, words, { encoding: 'utf8', input: `\ufeff${dump}` })
  assert.equal(piped.stdout, stdout)
  const alone = spawnSync(process.execPath, words, { encoding: 'utf8', input: 'server {' })
  assert.match(alone.stderr, /^gatehouse from-nginx: stdin:1: /)
})

test('a file that is not there, and a mistake in one, end with 1 and a line', async () => {
  const broken = join(folder, 'broken.conf')
  await writeFile(broken, 'server {')
  for (const [args, remark] of [
    [
      [broken],
      /^gatehouse from-nginx: \/.*broken\.conf:1: unexpected end of file: the \{ of line 1 has no \}\n$/,
    ],
    [[join(folder, 'none.conf')], /^gatehouse from-nginx: there is no file .*none\.conf\n$/],
    [
      [file, '--pages', 'localhost:3000'],
      /^gatehouse from-nginx: --pages is localhost:3000; accepted: .*\n$/,
    ],
  ] as const) {
    const { stdout, stderr, status } = fromNginx(...args)
    assert.deepEqual([stdout, status], ['', 1])
    assert.match(stderr, remark)
  }
})

test('the tables for those who come from Nginx name no directive that is not known here', async () => {
  const [, short = ''] = (await readFile('README.md', 'utf8')).split('## Coming from Nginx')
  const table = `${short.split('\n## ')[0]}${await readFile('docs/from-nginx.md', 'utf8')}`
  const cells = [...table.matchAll(/^\| (.*?) \|/gm)].map(([, cell]) => cell ?? '')
  const directives = cells.flatMap(cell =>
    [...cell.matchAll(/`([a-z_]+)[ `{]/g)].map(([, name]) => name ?? ''),
  )
  assert.ok(directives.length > 10, directives.join())
  const known = new Set<string>([...READ, 'nginx'])
  assert.deepEqual(
    directives.filter(name => !known.has(name) && remarkFor(name) === undefined),
    [],
  )
})
