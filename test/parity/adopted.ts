import { cp, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import about from '../../package.json' with { type: 'json' }
import { startDemoBackend } from '../../testing/backend.ts'
import { LISTENERS, startFrontProcess } from '../../testing/front-process.ts'
import { pack } from '../../tools/pack.ts'
import { run } from '../adopt/shop.ts'
import { startNextStart } from '../pages/next-start.ts'
import { compare } from './compare.ts'

/**
 * `npm run parity:adopted`: an app with next-intl ("as-needed") and tenants by host, installed by npm, pnpm and Yarn 4 with the packed gatehouse and built
 * by `<manager> run build`, which is `gatehouse build`. The same requests to it under `next start`. It installs from the registry.
 */
const TARBALL = `file:./gatehouse-${about.version}.tgz`
const { next, react, 'react-dom': reactDom } = about.dependencies
const PACKAGES = { gatehouse: TARBALL, next, 'next-intl': '4.15.0', react, 'react-dom': reactDom }
const MANAGERS: Readonly<Record<string, readonly string[]>> = {
  npm: ['npm'],
  pnpm: ['npx', '--yes', 'pnpm@12.21.0'],
  // Yarn 4 is in the registry under this name
  yarn: ['npx', '--yes', '--package=@yarnpkg/cli-dist@4.18.1', 'yarn'],
}
const HOSTS = ['www.dev.jp', 'a.shop.dev.jp', 'b.shop.dev.jp:8443', 'shop.dev.jp']
const PATHS = [
  ...['/', '/ja', '/en', '/about', '/ja/about', '/en/about', '/about?a=1', '/old', '/none', '/ja/none'],
  ...['/fr', '//about', '/about/', '/tenants/a', '/JA', '/en/en'],
]
const ALONG: readonly (readonly string[])[] = [[], ['Accept-Language: ja'], ['Cookie: NEXT_LOCALE=ja']]
const WAYS: readonly (readonly string[])[] = [[], ['X-Forwarded-Proto: https']]

const say = (words: string) => process.stdout.write(`${words}\n`)
// what the managers and the app's scripts run on
process.env.PATH = `${dirname(process.execPath)}:${process.env.PATH}`
const backend = await startDemoBackend({ scryptCost: 2 ** 10 })
const only = process.argv[2]
let unknown = 0

for (const [name, manager] of Object.entries(MANAGERS).filter(
  ([each]) => only === undefined || each === only,
)) {
  const root = await realpath(await mkdtemp(join(tmpdir(), `gatehouse-${name}-`)))
  try {
    await install(root, name, manager)
    const asked = await compareApp(root)
    say(`${name}: ${asked} requests to each, ${unknown} differences so far`)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}
await backend.close()
process.exitCode = unknown === 0 ? 0 : 1

async function install(root: string, name: string, manager: readonly string[]) {
  await cp(fileURLToPath(new URL('intl', import.meta.url)), root, { recursive: true })
  await pack(root)
  const file = join(root, 'package.json')
  const content: unknown = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify({ ...Object(content), dependencies: PACKAGES }))
  // of packages of next-intl, which work without
  if (name === 'pnpm') await writeFile(join(root, 'pnpm-workspace.yaml'), 'strictDepBuilds: false\n')
  // Next looks for packages below node_modules; Yarn 4 has none of its own accord
  if (name === 'yarn')
    await writeFile(join(root, '.yarnrc.yml'), 'nodeLinker: node-modules\nenableTelemetry: false\n')
  if (name === 'yarn') await writeFile(join(root, 'yarn.lock'), '')
  await run([...manager, 'install'], root, { CI: '', YARN_ENABLE_IMMUTABLE_INSTALLS: 'false' })
  await run([...manager, 'run', 'build'], root)
}

async function compareApp(root: string): Promise<number> {
  const next = await startNextStart(root, {})
  const settings = { ...backend.env, ...LISTENERS, STOP_DELAY: '0s', STOP_TIMEOUT: '2s' }
  const script = join(root, 'node_modules/gatehouse/dist/gatehouse.mjs')
  const front = await startFrontProcess(settings, undefined, root, [process.execPath, script, 'start'])
  const port = Number(new URL(front.url).port)
  let asked = 0
  for (const host of HOSTS)
    for (const path of PATHS)
      for (const headers of ALONG)
        for (const way of WAYS) {
          const each = { method: 'GET', path, headers }
          const all = [`Host: ${host}`, ...way]
          asked++
          for (const line of await compare([next.port, port], each, all)) {
            unknown++
            say(`✖ ${path} of ${all.join(', ')}, ${headers.join()}\n    ${line}`)
          }
        }
  await front.stop()
  await next.stop()
  return asked
}
