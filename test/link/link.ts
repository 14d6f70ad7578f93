import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** Two hosts that see each other and nothing else, with a real delay between them, or none. */
export type Link = {
  /** the ends' addresses, known only inside of the link */
  frontHost: string
  backendHost: string
  /** what makes the delay; `veth`: there is none */
  by: 'netem' | 'TUN' | 'veth'
  /** Starts a program on one of the hosts; it is killed by `close`, at the latest. */
  spawnAt(host: Host, command: string, args: readonly string[], options?: SpawnOptions): ChildProcess
  /** Ends every program of the link and takes it down. */
  close(): Promise<void>
}

type Host = 'front' | 'backend'

const ADDRESSES = { front: '10.77.0.1', backend: '10.77.0.2' } as const
const HOSTS = ['front', 'backend'] as const
const PREFIX = 'gatehouse-link-'
const TUN_MS = 5000

/**
 * Two network namespaces without a default route, joined by a delay: a veth pair with `netem` where the kernel has it,
 * else a pair of TUN devices whose packets go through relay.ts, in a third namespace of their own.
 * @param delayMs the round trip: half of it a direction
 * @returns why there can be no such link here: not Linux, not root, a program or /dev/net/tun missing, not allowed
 */
export async function openLink(delayMs: number): Promise<Link | string> {
  if (process.platform !== 'linux') return 'network namespaces need Linux'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  if (spawnSync('ip', ['-Version']).error) return 'the program `ip` is missing (package iproute2)'
  removeLeftovers()
  const name = `${PREFIX}${process.pid}-${randomBytes(3).toString('hex')}-`
  const children = new Set<ChildProcess>()

  /** Runs a command in a namespace; `ip netns exec` becomes the command, so that its pid is the command's. */
  function spawnAt(
    host: Host | 'wire',
    command: string,
    args: readonly string[],
    options: SpawnOptions = {},
  ) {
    const child = spawn('ip', ['netns', 'exec', name + host, command, ...args], options)
    children.add(child)
    child.once('close', () => children.delete(child))
    child.once('error', () => children.delete(child))
    return child
  }

  function takeDown() {
    for (const child of children) child.kill('SIGKILL')
    for (const namespace of namespaces(name)) spawnSync('ip', ['netns', 'del', namespace])
  }

  async function close() {
    process.off('exit', takeDown)
    const ended = [...children].map(child => once(child, 'close'))
    takeDown()
    await Promise.all(ended)
  }

  process.once('exit', takeDown)
  try {
    for (const host of HOSTS) addNamespace(name + host)
    const withVeth = joinByVeth(name, delayMs)
    if (!withVeth) await joinByTun(name, delayMs, spawnAt)
    for (const host of HOSTS) {
      ip('-n', name + host, 'address', 'add', `${ADDRESSES[host]}/30`, 'dev', 'wire')
      ip('-n', name + host, 'link', 'set', 'wire', 'up')
    }
    const by = !withVeth ? 'TUN' : delayMs === 0 ? 'veth' : 'netem'
    return { frontHost: ADDRESSES.front, backendHost: ADDRESSES.backend, by, spawnAt, close }
  } catch (error) {
    await close()
    return error instanceof Error ? error.message : String(error)
  }
}

/** @throws with what the command said */
function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (status === 0) return stdout
  throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`)
}

const ip = (...args: string[]) => run('ip', ...args)

const namespaces = (prefix: string) =>
  spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' })
    .stdout.split('\n')
    .map(line => line.split(' ')[0] ?? '')
    .filter(each => each.startsWith(prefix))

function addNamespace(name: string) {
  ip('netns', 'add', name)
  ip('-n', name, 'link', 'set', 'lo', 'up')
}

/** What a run left that was killed: its namespaces, named after its pid, and the programs inside. */
function removeLeftovers() {
  for (const each of namespaces(PREFIX)) {
    const [pid = ''] = each.slice(PREFIX.length).split('-')
    if (existsSync(`/proc/${pid}`)) continue
    for (const left of ip('netns', 'pids', each).trim().split('\n')) {
      if (left !== '') spawnSync('kill', ['-KILL', left])
    }
    spawnSync('ip', ['netns', 'del', each])
  }
}

/** @returns false where the kernel, or whoever keeps this container, has no veth or no netem; nothing is left then */
function joinByVeth(name: string, delayMs: number): boolean {
  const [front, backend] = HOSTS.map(host => name + host)
  if (!front || !backend) return false
  try {
    ip('-n', front, 'link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'wire', 'netns', backend)
  } catch {
    return false
  }
  if (delayMs === 0) return true
  try {
    for (const each of [front, backend])
      run('tc', '-n', each, 'qdisc', 'add', 'dev', 'wire', 'root', 'netem', 'delay', `${delayMs * 500}us`)
    return true
  } catch {
    ip('-n', front, 'link', 'del', 'wire')
    return false
  }
}

type SpawnAt = (host: 'wire', command: string, args: readonly string[], options: SpawnOptions) => ChildProcess

/**
 * A TUN device stays with the process that opened it when it moves to another namespace: socat opens both in the
 * namespace `wire` and exchanges their packets with the relay there, over loopback that nobody else can reach.
 */
async function joinByTun(name: string, delayMs: number, spawnAt: SpawnAt) {
  if (spawnSync('socat', ['-V']).error) throw new Error('the program `socat` is missing')
  if (!existsSync('/dev/net/tun')) throw new Error('/dev/net/tun is missing')
  const wire = `${name}wire`
  addNamespace(wire)
  // whoever shares the machine shall not add to the delay; where that is not allowed, nice says so and goes on
  const start = (...command: string[]) =>
    spawnAt('wire', 'nice', ['-n', '-20', ...command], { stdio: ['pipe', 'pipe', 'pipe'] })

  const relay = fileURLToPath(new URL('relay.ts', import.meta.url))
  const relaying = start(process.execPath, relay, `${delayMs / 2}`, '1001:2001', '1002:2002')
  const ready = relaying.stdout ? once(relaying.stdout, 'data') : undefined
  await Promise.race([ready, ended(relaying)])
  for (const [index, host] of HOSTS.entries()) {
    const end = index + 1
    const tun = `TUN,tun-name=${host},iff-no-pi`
    const socat = start('socat', tun, `UDP:127.0.0.1:100${end},bind=127.0.0.1:200${end}`)
    await Promise.race([untilThere(wire, host), ended(socat)])
    ip('-n', wire, 'link', 'set', host, 'netns', name + host, 'name', 'wire')
  }
}

/** @throws with what it said last, when a program ends that is needed */
async function ended(program: ChildProcess): Promise<never> {
  let said = ''
  program.stderr?.on('data', text => {
    said = String(text)
  })
  await once(program, 'close')
  throw new Error(`${program.spawnargs.slice(4).join(' ')} ended: ${said.trim()}`)
}

async function untilThere(namespace: string, device: string) {
  const patience = AbortSignal.timeout(TUN_MS)
  while (!ip('-n', namespace, '-brief', 'link').includes(`${device} `)) {
    patience.throwIfAborted()
    await sleep(10)
  }
}
