import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { type FrontProcess, startFrontProcess } from '../../testing/front-process.ts'
import type { Image } from './build.ts'

/**
 * A container as a runtime makes it, of what every Linux has: namespaces for mounts and processes, so that the command is
 * process 1, and a root that cannot be written, without a tmpfs. /mnt has the CA, as a secret would be mounted.
 */
const MAKE = `
root=$1 user=$2 ca=$3 enter_cgroup=$4
shift 4
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero random urandom; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
if [ -n "$ca" ]; then
  mount -t tmpfs -o mode=755 tmpfs "$root/mnt"
  cp "$ca" "$root/mnt/ca.pem"
  mount -o remount,ro "$root/mnt"
fi
if [ -n "$enter_cgroup" ]; then
  eval "$enter_cgroup"
  mount --rbind /sys "$root/sys"
fi
mount -o remount,ro,bind "$root"
exec chroot --userspec="$user" "$root" "$@"
`

type Env = Readonly<Record<string, string>>

const pairs = (env: Env) => Object.entries(env).map(([name, value]) => `${name}=${value}`)

function commandLine(
  root: string,
  image: Image,
  env: Env,
  command: readonly string[],
  enterCgroup = '',
): [string, ...string[]] {
  const { NODE_EXTRA_CA_CERTS: ca = '', ...rest } = env
  const own = ca === '' ? rest : { ...rest, NODE_EXTRA_CA_CERTS: '/mnt/ca.pem' }
  return [
    '/usr/bin/unshare',
    ...['--mount', '--pid', '--fork', '--kill-child', 'sh', '-euc', MAKE],
    ...['sh', root, image.user, ca, enterCgroup],
    // again, for a change of user lets go of what --kill-child has set
    ...['setpriv', '--pdeathsig', 'KILL'],
    ...['env', '-i', '-C', image.folder, ...image.env, ...pairs(own), ...command],
  ]
}

export type Container = {
  readonly front: FrontProcess
  /** of the image's command, outside of its namespace */
  readonly pid: number
  kill(): void
  /** runs a program beside it, as `docker exec` does */
  exec(env: Env, ...command: string[]): { status: number | null; output: string }
}

type Options = {
  /** a folder with the image's files */
  readonly root: string
  readonly image: Image
  readonly env: Env
  /** where the front's log goes */
  readonly log: string
  /** for a shell, as a cgroup has it */
  readonly enterCgroup?: string | undefined
}

/** Runs an image until its front is ready. */
export async function startContainer({ root, image, env, log, enterCgroup }: Options): Promise<Container> {
  const command = commandLine(root, image, env, [...image.entrypoint, ...image.command], enterCgroup)
  const front = await startFrontProcess({}, log, undefined, command)
  const unshare = front.process.pid
  const pid = Number(await readFile(`/proc/${unshare}/task/${unshare}/children`, 'utf8'))
  const [uid = '', gid = ''] = image.user.split(':')
  return {
    front,
    pid,
    kill: () => void front.process.kill('SIGKILL'),
    exec(own, ...program) {
      const inside = ['--target', `${pid}`, '--mount', '--pid', '--root', '--setuid', uid, '--setgid', gid]
      return finish('nsenter', [
        ...inside,
        'env',
        '-i',
        '-C',
        image.folder,
        ...image.env,
        ...pairs(own),
        ...program,
      ])
    },
  }
}

/** Runs a program of an image to its end, in a container that has nothing else. */
export function runIn(root: string, image: Image, env: Env, ...program: string[]) {
  const [file, ...args] = commandLine(root, image, env, program)
  return finish(file, args)
}

function finish(file: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', timeout: 30_000 })
  return { status, output: `${stdout}${stderr}` }
}
