import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import net from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import about from '../package.json' with { type: 'json' }
import { listening } from './listening.ts'
import { file } from './raw.ts'
import { runProgram } from './run-program.ts'
import { temporaryFolder } from './temporary-folder.ts'

const pathOf = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url))
const [SERVER, GATEHOUSE] = [pathOf('server.ts'), pathOf('command/gatehouse.ts')]
const BACKEND_ORIGIN = 'http://127.0.0.1:9'

/** Somebody else listens there. */
const TAKEN = String(await listening(file, net.createServer()))

test('without BACKEND_ORIGIN server.ts ends with 1 and says so, without a stack', async () => {
  const { out, errors, code } = await runProgram([SERVER])
  assert.equal(code, 1)
  assert.equal(out, '')
  assert.match(
    errors,
    /^Gatehouse cannot start: 1 mistake in the settings\n {2}BACKEND_ORIGIN is not set \(\.env files do not count\), and there is no gatehouse\.config\.ts; .+\n$/,
  )
})

for (const [words, args, name] of [
  ['server.ts', [SERVER], 'EGRESS_PORT'],
  ['gatehouse dev', [GATEHOUSE, 'dev'], 'ADMIN_PORT'],
  ['npm run demo', ['demo/run.ts'], 'ADMIN_PORT'],
] as const)
  test(`${words} ends with 1 and one line where a port that is set is taken`, async () => {
    const { errors, code } = await runProgram(args, { BACKEND_ORIGIN, [name]: TAKEN })
    assert.equal(code, 1)
    const line = `^Gatehouse cannot start: ${name} ${TAKEN} is taken: set ${name} .+\n$`
    assert.match(errors, new RegExp(line))
  })

test('npm run demo refuses an argument that it does not know', async () => {
  const { errors, code } = await runProgram(['demo/run.ts', '--wrong'])
  assert.equal(code, 1)
  assert.match(errors, /^Unknown option '--wrong'/)
  assert.doesNotMatch(errors, /^ {4}at /m)
})

const OLDER =
  "data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.20.2'}})"

test('gatehouse on an older Node.js says how to install one, by the package manager of the app', async t => {
  const folder = await temporaryFolder(t)
  const said = async () => (await runProgram(['--import', OLDER, GATEHOUSE, 'dev'], {}, folder)).errors
  assert.match(
    await said(),
    /needs Node\.js 26 .+ 20\.20\.2\..+\n {2}npm install --save-dev node@26 && npm rebuild node /,
  )
  await writeFile(join(folder, 'pnpm-lock.yaml'), '')
  assert.match(
    await said(),
    /\n {2}pnpm add --save-dev --allow-build=node node@26 && pnpm rebuild node\n {2}pnpm 9 or older: pnpm add --save-dev node@26\n$/,
  )
})

test('npm start on an older Node.js says what is needed', async () => {
  assert.equal(about.scripts.start, 'node --import ./tools/node-version.mjs server.ts')
  const args = ['--import', OLDER, '--import', './tools/node-version.mjs', 'server.ts']
  const { errors, code } = await runProgram(args)
  assert.equal(code, 1)
  assert.match(errors, /^Gatehouse needs Node\.js 26 or newer, and this is 20\.20\.2 .+\n.+npm ci.+\n$/)
})

for (const setting of ['NODE_ENV=development', 'PAGE_WORKERS=0'] as const) {
  test(`where there is a build alone, as in an image, ${setting} is refused with what to do`, async t => {
    const folder = await temporaryFolder(t)
    const [name, value] = setting.split('=')
    const { errors, code } = await runProgram([SERVER], { BACKEND_ORIGIN, [`${name}`]: `${value}` }, folder)
    assert.equal(code, 1)
    assert.match(errors, new RegExp(`${setting} needs the app's folder with its node_modules.*: unset it`))
  })
}

test('gatehouse start serves the build, also where NODE_ENV is development', async t => {
  const env = { BACKEND_ORIGIN, NODE_ENV: 'development' }
  const { errors, code } = await runProgram([GATEHOUSE, 'start'], env, await temporaryFolder(t))
  assert.equal(code, 1)
  assert.match(errors, /\.next\/standalone\/server\.js is not there; `npm run build` makes it/)
})
