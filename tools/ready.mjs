// Makes a fresh clone ready, then runs a script of it:
// node tools/ready.mjs [build] [browser] [peers] [image] [arm64] [contenders] [deploy] script.ts [arguments]
// This file alone must run on any Node from 18 on, with nothing installed.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

const NODE = process.platform === 'win32' ? 'node_modules/node/bin/node.exe' : 'node_modules/node/bin/node'
/** What tools/precompress.ts makes last. */
const COMPRESSED = '.next/standalone/.next/static'
/** Chromium without windows, which costs tests a third less CPU; not every Debian has it. */
const HEADLESS_CHROMIUM = '/usr/bin/chromium-headless-shell'
const DEBIAN_CHROMIUM = '/usr/bin/chromium'

/** Runs a command; its output is shown only when it fails, and then nothing goes on. */
function step(words, command, args, mayFail = false) {
  process.stderr.write(`${words} …\n`)
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (status === 0) return true
  if (mayFail) return false
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}${error ?? ''}\nFailed: ${command} ${args.join(' ')}\n`)
  process.exit(1)
}

const changedAt = path => (existsSync(path) ? statSync(path).mtimeMs : 0)

/** The newest change of a file, or of anything below a folder. */
function newestBelow(path) {
  if (!existsSync(path)) return 0
  if (!statSync(path).isDirectory()) return changedAt(path)
  return Math.max(changedAt(path), ...readdirSync(path).map(each => newestBelow(`${path}/${each}`)))
}

/** The packages of this folder, or of a package of its own below it. */
function install(folder) {
  const node = `${folder}/${NODE}`
  const installed = changedAt(`${folder}/node_modules/.package-lock.json`)
  if (installed >= changedAt(`${folder}/package-lock.json`) && existsSync(node)) return
  const where = ['--prefix', folder]
  step(`Installing packages in ${folder}`, 'npm', ['ci', ...where, '--no-fund', '--no-audit'])
  // npm may be told not to run install scripts; the package `node` fetches its binary in one
  if (!existsSync(node))
    step('Installing Node.js', 'npm', ['rebuild', ...where, 'node', '--foreground-scripts'])
}

function build() {
  const sources = [
    'app',
    'instrumentation.ts',
    'lib/http/accept.ts',
    'lib/observe/traces',
    'public',
    'next.config.js',
    'package-lock.json',
    'tsconfig.json',
    'tools/precompress.ts',
  ]
  if (existsSync(COMPRESSED) && changedAt('.next/BUILD_ID') > Math.max(...sources.map(newestBelow))) return
  step('Building the pages', NODE, ['node_modules/next/dist/bin/next', 'build'])
  step('Compressing static files', NODE, ['tools/precompress.ts'])
}

let areListsNew = false

/** Installs Debian's packages where that may be done; says whether the programs are there afterwards. */
function debian(programs) {
  const missing = Object.keys(programs).filter(program => !existsSync(program))
  if (missing.length === 0) return true
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return false
  const names = missing.map(program => programs[program])
  if (!areListsNew) step('Updating the package lists', 'apt-get', ['update'], true)
  areListsNew = true
  const args = ['install', '-y', '--no-install-recommends', ...names]
  return step(`Installing ${names.join(', ')}`, 'apt-get', args, true)
}

/** Debian's Chromium where apt-get may install it, Playwright's own elsewhere. */
function browser() {
  if (debian({ [HEADLESS_CHROMIUM]: 'chromium-headless-shell' })) {
    process.env.CHROMIUM_PATH ??= HEADLESS_CHROMIUM
    return
  }
  if (debian({ [DEBIAN_CHROMIUM]: 'chromium' })) return
  step('Installing Chromium', NODE, ['node_modules/@playwright/test/cli.js', 'install', 'chromium'])
}

/** Real peers for some tests; where they can't be had, those tests say so and are skipped. */
const peers = () =>
  debian({
    '/usr/sbin/haproxy': 'haproxy',
    '/usr/bin/socat': 'socat',
    '/usr/sbin/ip': 'iproute2',
    '/usr/sbin/nginx': 'nginx',
    '/usr/bin/redis-server': 'redis-server',
    '/usr/bin/promtool': 'prometheus',
    '/usr/bin/gunicorn': 'gunicorn',
    '/usr/lib/python3/dist-packages/uvicorn/main.py': 'python3-uvicorn',
    '/usr/share/doc/python3-httptools': 'python3-httptools',
    '/usr/bin/uwsgi': 'uwsgi-core',
    '/usr/lib/uwsgi/plugins/python3_plugin.so': 'uwsgi-plugin-python3',
  })

/** What builds an image and runs it, without Docker: programs, and the Debian that stands in for its base. */
function image() {
  debian({
    '/usr/bin/buildah': 'buildah',
    '/usr/sbin/debootstrap': 'debootstrap',
    '/usr/bin/unshare': 'util-linux',
  })
  if (process.getuid?.() === 0) unpack(BASE_DEBIAN, '.image', BASE_PACKAGES)
}

/** What runs programs of arm64 on another machine. */
const arm64 = () => debian({ '/usr/bin/qemu-aarch64-static': 'qemu-user-static' })

/** Of the image that the Dockerfile names. */
const BASE_DEBIAN = 'trixie'
/** What the Dockerfile and the test run in it, and what Node is linked to. */
const BASE_PACKAGES = [
  ...['base-files', 'base-passwd', 'bash', 'dash', 'coreutils', 'findutils', 'grep', 'sed', 'util-linux'],
  ...['libatomic1', 'libstdc++6'],
]

/** Has nginx 1.30 and HAProxy 3.2. */
const NEWER_DEBIAN = 'forky'

/**
 * Packages of another Debian with what they depend on, unpacked into a folder of its name and not installed. It needs
 * neither root nor a chroot, nothing is mounted, and apt checks the signatures as ever.
 */
function unpack(suite, folder, packages) {
  const unpacked = join(folder, suite)
  if (existsSync(unpacked) || !existsSync('/etc/debian_version')) return
  const part = resolve(folder, 'part')
  const inside = path => join(part, path)
  rmSync(part, { recursive: true, force: true })
  for (const path of ['lists/partial', 'archives/partial', 'root'])
    mkdirSync(inside(path), { recursive: true })
  const site = spawnSync('apt-get', ['indextargets', '--format', '$(SITE)'], { encoding: 'utf8' })
  const mirror = site.stdout?.split('\n').find(each => /\/debian\/?$/.test(each))
  writeFileSync(inside('sources'), `deb ${mirror ?? 'http://deb.debian.org/debian'} ${suite} main\n`)
  writeFileSync(inside('status'), '') // as if nothing were installed: the C library comes along
  const options = {
    'Dir::Etc::sourcelist': inside('sources'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State::lists': inside('lists'),
    'Dir::State::status': inside('status'),
    'Dir::Cache': part,
    'APT::Sandbox::User': 'root',
    'Debug::NoLocking': 'true',
    'Acquire::Languages': 'none',
    // a mirror that is a snapshot is older than this release's lists may be
    'Acquire::Check-Valid-Until': 'false',
  }
  const words = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  const apt = (...args) => step(`apt-get ${args[0]}, Debian ${suite}`, 'apt-get', [...words, ...args], true)
  const install = ['install', '-y', '--no-install-recommends', '--download-only', ...packages]
  if (!apt('update') || !apt(...install)) return
  const each = 'for each in "$0"/archives/*.deb; do dpkg-deb -x "$each" "$0/root" || exit 1; done'
  step(`Unpacking ${packages.join(', ')}`, 'sh', ['-c', each, part])
  renameSync(inside('root'), unpacked)
  rmSync(part, { recursive: true })
}

/** What the bench compares, and what its link and its load need. */
function contenders() {
  debian({
    '/usr/sbin/nginx': 'nginx',
    '/usr/sbin/haproxy': 'haproxy',
    '/usr/bin/wrk': 'wrk',
    '/usr/bin/socat': 'socat',
    '/usr/sbin/ip': 'iproute2',
    '/usr/bin/taskset': 'util-linux',
  })
  // that Debian's own dynamic loader starts them there (bench/newer.ts)
  unpack(NEWER_DEBIAN, '.contenders', ['nginx', 'haproxy'])
}

const [, , ...words] = process.argv
const parts = words.splice(
  0,
  words.findIndex(each => each.endsWith('.ts')),
)
install('.')
if (parts.includes('deploy')) install('deploy')
if (parts.includes('build')) build()
if (parts.includes('browser')) browser()
if (parts.includes('peers')) peers()
if (parts.includes('image')) image()
if (parts.includes('arm64')) arm64()
if (parts.includes('contenders')) contenders()

const child = spawn(NODE, words, { stdio: 'inherit' })
// a terminal's Ctrl-C reaches the child by itself; this process only has to outlive it
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
