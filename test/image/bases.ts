import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './buildah.ts'

/**
 * `npm run bases`, as root on Debian: the Debians that a base image may be made of, as a table. Each is what debootstrap calls minimal,
 * with what Node is linked to; the official images are that without some documentation. What has a security update shows who
 * looks after a release, and what a scanner would report of an image that is as old as its point release.
 */
const MIRROR = 'http://deb.debian.org'
const SUITES = ['bookworm', 'trixie']
/** What `ldd` of Node names belongs to these, with what they need themselves. */
const OF_NODE = ['libatomic1', 'libc6', 'libgcc-s1', 'libstdc++6']

async function measure(suite: string, root: string) {
  const include = `--include=${OF_NODE.join(',')}`
  await run('/usr/sbin/debootstrap', '--variant=minbase', include, suite, root, `${MIRROR}/debian`)
  const packages = (await run('dpkg-query', `--admindir=${join(root, 'var/lib/dpkg')}`, '-W'))
    .trim()
    .split('\n')
  const left = ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man', 'usr/share/locale']
  const size = await run('du', '-sm', ...left.map(each => `--exclude=${join(root, each)}`), root)
  const sources = `deb ${MIRROR}/debian ${suite} main\ndeb ${MIRROR}/debian-security ${suite}-security main\n`
  await writeFile(join(root, 'etc/apt/sources.list'), sources)
  await cp('/etc/resolv.conf', join(root, 'etc/resolv.conf'), { dereference: true })
  await run('chroot', root, 'apt-get', '-qq', 'update')
  const upgrade = await run('chroot', root, 'apt-get', '--simulate', 'dist-upgrade')
  const updates = [...upgrade.matchAll(/^Inst (\S+) .*Debian-Security:([\d.]+\/\S+) /gm)]
  const version = (await run('cat', join(root, 'etc/debian_version'))).trim()
  const names = updates.map(([, name]) => name).join(', ')
  return `| ${suite} | ${version} | ${packages.length} | ${size.split('\t')[0]} | ${updates.length}: ${names} | ${updates[0]?.[2] ?? ''} |`
}

process.stdout.write(
  '| suite | release | packages | MB | with a security update | from |\n| --- | --- | --- | --- | --- | --- |\n',
)
for (const suite of SUITES) {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-base-'))
  try {
    process.stdout.write(`${await measure(suite, join(folder, 'root'))}\n`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
